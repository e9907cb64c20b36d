namespace KnowledgePay.Decisions.Profiles;

/// <summary>Courses that a person has (enrolled, bought, studied, completed, rated), in the order in which they took them.</summary>
/// <remarks>Ordinals are only ever appended: a reader may keep (array, count) and see what was there, whatever is appended later.</remarks>
[GenerateSerializer, Alias("kp.CourseShelf")]
public sealed class CourseShelf
{
    /// <summary>Courses that a shelf holds at most; far above any person's.</summary>
    public const int Capacity = 4096;

    /// <summary><see cref="Progress"/> of a whole course.</summary>
    public const byte Whole = 200;

    [Id(0)] public int[] Ordinals { get; set; } = [];
    /// <summary>Progress by course, 0–200 for 0–1 in steps of 0.005.</summary>
    [Id(1)] public byte[] Progress { get; set; } = [];
    /// <summary>Stars by course in halves (1–10), 0 for none.</summary>
    [Id(2)] public byte[] HalfStars { get; set; } = [];
    [Id(3)] public int Count { get; set; }

    public ReadOnlySpan<int> Taken => Ordinals.AsSpan(0, Count);

    public bool Contains(int ordinal) => Taken.Contains(ordinal);

    /// <summary>0 to 1; 0 for a course that is not there.</summary>
    public float ProgressOf(int ordinal) => Taken.IndexOf(ordinal) is var at and >= 0 ? Progress[at] / (float)Whole : 0f;

    /// <summary>Where the course stands, put there when it was not.</summary>
    /// <returns>Its index, or −1 when the shelf is full and the course is not on it.</returns>
    internal int Take(int ordinal, out bool isNew)
    {
        int at = Taken.IndexOf(ordinal);
        isNew = at < 0 && Count < Capacity;
        if (!isNew)
        {
            return at;
        }

        if (Count == Ordinals.Length)
        {
            // A quarter more: a resident profile should not carry twice the room that it uses.
            int room = Math.Min(Capacity, Math.Max(4, Count + (Count / 4)));
            int[] ordinals = new int[room];
            Ordinals.CopyTo(ordinals, 0);
            byte[] progress = Progress;
            byte[] stars = HalfStars;
            Array.Resize(ref progress, room);
            Array.Resize(ref stars, room);
            (Ordinals, Progress, HalfStars) = (ordinals, progress, stars);
        }

        Ordinals[Count] = ordinal;
        return Count++;
    }
}
