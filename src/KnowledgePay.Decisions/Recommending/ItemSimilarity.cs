namespace KnowledgePay.Decisions.Recommending;

/// <summary>Item-to-item co-occurrence, kept incrementally. One writer, many readers.</summary>
/// <remarks>
/// The writer calls <see cref="Add(int, ReadOnlySpan{int}, long)"/> with each course that comes onto a shelf and, between events, <see cref="RefreshDirty"/>.
/// Readers take <see cref="Row"/>, <see cref="Degree"/>, <see cref="LogInflow"/> and <see cref="PopularTop"/> at any time and without a lock:
/// rows are immutable and swapped by reference, arrays are replaced when they grow, a number read while it is written is one event old.
/// Memory by course: counts 0.1–8 KB (<see cref="CountRow"/>), neighbours at most 0.9 KB, fixed 53 B;
/// 100,000 courses with 100 co-taken courses each take about 190 MB, full rows everywhere 900 MB.
/// </remarks>
public sealed partial class ItemSimilarity
{
    /// <summary>Neighbours that a source course keeps.</summary>
    public const int NeighboursKept = 100;
    /// <summary>Courses of a shelf, newest, that a new course is paired with; bounds the work of one event.</summary>
    public const int LongestShelf = 512;
    /// <summary>People from whom on the residual kernel is at full sharpness.</summary>
    public const int MaturePeople = 1000;

    private CountRow[] _counts = [];
    private int[] _degrees = [];
    private NeighbourRow[] _rows = [];
    private float[] _logInflow = [];
    private int[] _byDegree = [];
    private int[] _placeByDegree = [];
    private int _items;
    private int _people;

    public ItemSimilarity()
        : this(SimilarityKernel.Residual)
    {
    }

    public ItemSimilarity(SimilarityKernel kernel)
    {
        Kernel = kernel;
    }

    public SimilarityKernel Kernel { get; }

    /// <summary>People with at least one course (N).</summary>
    public int People => Volatile.Read(ref _people);

    /// <summary>One more than the highest ordinal seen.</summary>
    public int Items => Volatile.Read(ref _items);

    /// <summary>Reader: how many people have the course (d_i).</summary>
    public int Degree(int item)
    {
        int[] degrees = Volatile.Read(ref _degrees);
        return (uint)item < (uint)degrees.Length ? degrees[item] : 0;
    }

    /// <summary>Reader: the neighbours of a source course; empty for one that nobody took.</summary>
    public NeighbourRow Row(int item)
    {
        NeighbourRow[] rows = Volatile.Read(ref _rows);
        return (uint)item < (uint)rows.Length ? Volatile.Read(ref rows[item]) : NeighbourRow.Empty;
    }

    /// <summary>Reader: ln C_i, C_i the weight that flows into a course from all sources; 0 for a course that nothing points to.</summary>
    public float LogInflow(int item)
    {
        float[] logs = Volatile.Read(ref _logInflow);
        return (uint)item < (uint)logs.Length ? logs[item] : 0f;
    }

    internal ReadOnlySpan<float> LogInflows => Volatile.Read(ref _logInflow);

    internal ReadOnlySpan<int> Degrees => Volatile.Read(ref _degrees);

    /// <summary>Reader: courses by degree, most taken first; all <see cref="Items"/> of them, those that nobody took last.</summary>
    /// <remarks>The writer moves ordinals inside this memory: a reader may, rarely, see one twice or miss one that is moving.</remarks>
    public ReadOnlySpan<int> ByDegree
    {
        get
        {
            int items = Items;
            int[] order = Volatile.Read(ref _byDegree);
            return order.AsSpan(0, Math.Min(items, order.Length));
        }
    }

    /// <summary>Reader: the most taken courses, at most <paramref name="count"/>.</summary>
    public ReadOnlySpan<int> PopularTop(int count)
    {
        ReadOnlySpan<int> all = ByDegree;
        return all[..Math.Min(count, all.Length)];
    }

    /// <summary>How often two courses are on one shelf, as far as the bounded rows remember.</summary>
    public int PairCount(int source, int target) => (uint)source < (uint)_items ? _counts[source][target] : 0;

    /// <summary>Bytes held by counts and neighbours.</summary>
    public long MemoryBytes
    {
        get
        {
            long bytes = 0;
            for (int i = 0; i < _items; i++)
            {
                bytes += _counts[i].Bytes + (_rows[i].Count * 8L) + 53;
            }

            return bytes;
        }
    }

    /// <summary>Writer: a course came onto a shelf that held <paramref name="shelfBefore"/>; the caller sees to it that it was not there yet.</summary>
    /// <param name="offset">Where in the journal this stands: a row that was loaded as of that offset or a later one has it already. Live calls may leave it out.</param>
    /// <exception cref="ArgumentOutOfRangeException">The ordinal is negative.</exception>
    public void Add(int item, ReadOnlySpan<int> shelfBefore, long offset = long.MaxValue) => Add(item, shelfBefore, shelfBefore.IsEmpty, offset);

    /// <inheritdoc cref="Add(int, ReadOnlySpan{int}, long)"/>
    /// <param name="shelfBefore">Empty also for a shelf that is not to be learned from: the course then counts by itself alone.</param>
    /// <param name="isNewPerson">True for a person's first course.</param>
    public void Add(int item, ReadOnlySpan<int> shelfBefore, bool isNewPerson, long offset = long.MaxValue)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(item);
        if (_loading)
        {
            FinishLoading();
        }

        Ensure(item);
        if (isNewPerson && offset > _globalsOffset)
        {
            _people++;
        }

        if (shelfBefore.Length > LongestShelf)
        {
            shelfBefore = shelfBefore[^LongestShelf..];
        }

        bool isNew = offset > _rowOffsets[item];
        if (isNew)
        {
            Promote(item);
            MarkDirty(item);
            MarkUnsaved(item);
        }

        foreach (int other in shelfBefore)
        {
            if (other == item || other < 0)
            {
                continue;
            }

            Ensure(other);
            if (isNew)
            {
                _counts[item].Add(other, 1);
            }

            if (offset > _rowOffsets[other])
            {
                _counts[other].Add(item, 1);
                MarkDirty(other);
                MarkUnsaved(other);
            }
        }

        NotePeople();
    }

    /// <summary>One more person has the course: it moves before all others of its old degree, by one swap.</summary>
    private void Promote(int item)
    {
        int degree = _degrees[item];
        int low = 0, high = _placeByDegree[item];
        while (low < high)
        {
            int middle = (low + high) >>> 1;
            if (_degrees[_byDegree[middle]] > degree)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        int other = _byDegree[low];
        int place = _placeByDegree[item];
        _byDegree[low] = item;
        _byDegree[place] = other;
        _placeByDegree[other] = place;
        _placeByDegree[item] = low;
        _degrees[item] = degree + 1;
        _damping[item] = 0;
    }

    private void Ensure(int item)
    {
        if (item < _items)
        {
            return;
        }

        if (item >= _degrees.Length)
        {
            int size = Math.Max(256, Math.Max(item + 1, _degrees.Length * 2));
            int old = _degrees.Length;
            Array.Resize(ref _counts, size);
            Array.Resize(ref _damping, size);
            Array.Resize(ref _inflow, size);
            Array.Resize(ref _placeByDegree, size);
            Array.Resize(ref _flags, size);
            Array.Resize(ref _rowOffsets, size);
            Volatile.Write(ref _degrees, Grown(_degrees, size));
            Volatile.Write(ref _logInflow, Grown(_logInflow, size));
            Volatile.Write(ref _byDegree, Grown(_byDegree, size));
            NeighbourRow[] rows = Grown(_rows, size);
            rows.AsSpan(old).Fill(NeighbourRow.Empty);
            Volatile.Write(ref _rows, rows);
        }

        for (int i = _items; i <= item; i++)
        {
            _byDegree[i] = i;
            _placeByDegree[i] = i;
        }

        Volatile.Write(ref _items, item + 1);
    }

    private static T[] Grown<T>(T[] array, int size)
    {
        Array.Resize(ref array, size);
        return array;
    }
}
