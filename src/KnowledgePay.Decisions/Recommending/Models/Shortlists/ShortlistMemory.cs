using KnowledgePay.Decisions.Catalogue;

namespace KnowledgePay.Decisions.Recommending.Models;

/// <summary>What a learned model said of the people who asked last: while neither their shelf nor the catalogue changed, it says the same again.</summary>
/// <remarks>
/// Most requests of a visit follow another of the same person. It changes no decision, only its cost, and belongs to one model. So many people at most, a few in each of the groups over
/// which a hash spreads them, where a new one takes the room of whoever did not ask for longest: about 4 KB each once used, 8 at most.
/// </remarks>
internal sealed class ShortlistMemory
{
    private const int Groups = 256;
    private const int PlacesOfAGroup = 8;

    /// <summary>Scores that are kept of a person; when they are more, what was only a candidate is forgotten.</summary>
    private const int MostKept = RecommendationScratch.MostCandidates;

    private readonly Group?[] _groups = new Group?[Groups];

    /// <summary>Brings back the list and all scores that are known; false when nothing of this person, shelf, catalogue and length is.</summary>
    public bool Recall(RecommendationScratch scratch)
    {
        ShortlistKey key = scratch.ShortlistKey;
        Group? group = Volatile.Read(ref _groups[key.Person % Groups]);
        if (group is null)
        {
            return false;
        }

        lock (group)
        {
            if (group.Find(key.Person) is not { } place || place.Key != key)
            {
                return false;
            }

            scratch.LearnedFloor = place.Floor;
            scratch.RememberLearned(place.State);
            for (int i = 0; i < place.Count; i++)
            {
                scratch.NoteLearned(place.Courses[i], place.Scores[i], isListed: i < place.Listed);
            }

            return true;
        }
    }

    /// <summary>Keeps the list, or that of the same question that is kept already, and the scores of the candidates that nobody remembered.</summary>
    public void Keep(RecommendationScratch scratch)
    {
        ShortlistKey key = scratch.ShortlistKey;
        ref Group? at = ref _groups[key.Person % Groups];
        Group group = Volatile.Read(ref at) ?? Interlocked.CompareExchange(ref at, new Group(), null) ?? at!;
        lock (group)
        {
            Place place = group.Find(key.Person) ?? group.Free();
            if (place.Key != key || place.Count + scratch.Unlisted.Length > MostKept)
            {
                place.Key = key;
                place.Floor = scratch.LearnedFloor;
                scratch.SaveLearned(ref place.State);
                place.Count = 0;
                place.Add(scratch, scratch.Listed);
                place.Listed = place.Count;
            }

            place.Add(scratch, scratch.Unlisted);
        }
    }

    private sealed class Group
    {
        /// <summary>Whoever asked last comes first.</summary>
        private readonly Place?[] _places = new Place?[PlacesOfAGroup];

        public Place? Find(ulong person)
        {
            for (int i = 0; i < _places.Length && _places[i] is { } place; i++)
            {
                if (place.Key.Person == person)
                {
                    return MoveFirst(i, place);
                }
            }

            return null;
        }

        /// <summary>A new one while there is room, then that of whoever did not ask for longest.</summary>
        public Place Free()
        {
            int i = 0;
            while (i < _places.Length - 1 && _places[i] is not null)
            {
                i++;
            }

            return MoveFirst(i, _places[i] ?? new Place());
        }

        private Place MoveFirst(int from, Place place)
        {
            _places.AsSpan(0, from).CopyTo(_places.AsSpan(1));
            _places[0] = place;
            return place;
        }
    }

    private sealed class Place
    {
        public ShortlistKey Key;
        public float Floor;
        public float[] State = [];
        public int Listed;
        public int Count;
        public int[] Courses = [];
        public float[] Scores = [];

        public void Add(RecommendationScratch scratch, ReadOnlySpan<int> courses)
        {
            if (Courses.Length < Count + courses.Length)
            {
                int size = Math.Max(Math.Min(2 * Courses.Length, MostKept), Count + courses.Length);
                Array.Resize(ref Courses, size);
                Array.Resize(ref Scores, size);
            }

            foreach (int course in courses)
            {
                Courses[Count] = course;
                Scores[Count++] = scratch.LearnedOf(course);
            }
        }
    }
}

/// <summary>What a list depends on beside the model.</summary>
/// <param name="Person">Hash of who asks.</param>
/// <param name="Shelf">Hash of the courses that the model reads.</param>
/// <param name="Catalogue">Its version.</param>
/// <param name="Most">Items that are asked for.</param>
internal readonly record struct ShortlistKey(ulong Person, ulong Shelf, long Catalogue, int Most)
{
    public static ShortlistKey Of(in RankingQuestion question, int most)
    {
        ulong shelf = (ulong)question.History.Length;
        foreach (int course in question.History)
        {
            shelf = HashProjection.Mix(shelf ^ (uint)course);
        }

        return new ShortlistKey(Profiles.StableHash.Of(question.Context.UserId), shelf, question.Catalogue.Version, most);
    }
}
