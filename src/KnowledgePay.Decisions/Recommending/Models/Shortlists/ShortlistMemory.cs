using KnowledgePay.Decisions.Catalogue;

namespace KnowledgePay.Decisions.Recommending.Models;

/// <summary>What a learned model said of the people who asked last: while neither their shelf nor the catalogue changed, it says the same again.</summary>
/// <remarks>
/// Most requests of a visit follow another of the same person. It changes no decision, only its cost, and belongs to one model. So many people at most, each in the place that a hash gives
/// them, where they take the room of whoever was there before: about 4 KB each once used, 8 at most.
/// </remarks>
internal sealed class ShortlistMemory
{
    private const int Places = 2_048;

    /// <summary>Scores that are kept of a person: as many as can be needed.</summary>
    private const int MostKept = RecommendationScratch.MostCandidates;

    private readonly Place?[] _places = new Place?[Places];

    /// <summary>Brings back the list and all scores that are known; false when nothing of this person, shelf, catalogue and length is.</summary>
    public bool Recall(RecommendationScratch scratch)
    {
        ShortlistKey key = scratch.ShortlistKey;
        Place? place = Volatile.Read(ref _places[key.Person % Places]);
        if (place is null)
        {
            return false;
        }

        lock (place)
        {
            if (place.Key != key)
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

    /// <summary>Keeps the list and the scores of the candidates.</summary>
    public void Keep(RecommendationScratch scratch)
    {
        ShortlistKey key = scratch.ShortlistKey;
        ref Place? at = ref _places[key.Person % Places];
        Place place = Volatile.Read(ref at) ?? Interlocked.CompareExchange(ref at, new Place(), null) ?? at!;
        lock (place)
        {
            place.Key = key;
            place.Floor = scratch.LearnedFloor;
            scratch.SaveLearned(ref place.State);
            place.Count = 0;
            foreach (int course in scratch.Listed)
            {
                place.Add(course, scratch.LearnedOf(course));
            }

            place.Listed = place.Count;
            for (int i = 0; i < scratch.CandidateCount && place.Count < MostKept; i++)
            {
                int course = scratch.Candidates[i].Course;
                if (scratch.HasLearned(course) && !scratch.IsListed(course))
                {
                    place.Add(course, scratch.LearnedOf(course));
                }
            }
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

        public void Add(int course, float score)
        {
            if (Count == Courses.Length)
            {
                int size = Math.Max(64, 2 * Count);
                Array.Resize(ref Courses, size);
                Array.Resize(ref Scores, size);
            }

            Courses[Count] = course;
            Scores[Count++] = score;
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
