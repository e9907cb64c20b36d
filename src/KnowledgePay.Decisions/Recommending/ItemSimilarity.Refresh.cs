namespace KnowledgePay.Decisions.Recommending;

public sealed partial class ItemSimilarity
{
    private const float ExpectedShare = 0.5f;
    private const float Shrinkage = 100f;
    private const float DampingPerExponent = 0.2f;
    /// <summary>Inflow is kept in whole units of 2⁻⁴⁰, so that taking a row's share off and putting the new one on never drifts.</summary>
    private const double InflowUnit = 1.0 / (1L << 40);

    private const byte InQueue = 1;
    private const byte Unsaved = 2;

    private readonly Queue<int> _dirty = new();
    private readonly int[] _pairItems = new int[CountRow.Limit];
    private readonly int[] _pairCounts = new int[CountRow.Limit];
    private readonly ulong[] _order = new ulong[CountRow.Limit];
    private float[] _damping = [];
    private long[] _inflow = [];
    private byte[] _flags = [];
    private int _peopleAtRebuild;
    private float _exponent = ExponentFor(0);

    /// <summary>Rows that wait for <see cref="RefreshDirty"/>.</summary>
    public int DirtyRows => _dirty.Count;

    /// <summary>The residual kernel's exponent q: 2 without evidence, 3.5 from <see cref="MaturePeople"/> people on, between them smoothly (3x² − 2x³ of the share).</summary>
    /// <remarks>Sharpening trusts large counts; with few people they are mostly chance.</remarks>
    public static float ExponentFor(int people) => 2f + (1.5f * Maturity(people));

    /// <summary>The largest exponent g of C_i: 0.3 without evidence, 0.6 from <see cref="MaturePeople"/> people on.</summary>
    public static float InflowExponentFor(int people) => 0.3f + (0.3f * Maturity(people));

    private static float Maturity(int people)
    {
        float x = Math.Clamp(people / (float)MaturePeople, 0f, 1f);
        return x * x * (3f - (2f * x));
    }

    /// <summary>Writer: rebuilds the neighbours of at most <paramref name="maxRows"/> touched courses, those that waited longest first, and returns how many.</summary>
    /// <remarks>About 5–15 µs a row. Work of 32–64 rows a batch of events keeps up with a busy import; what is left waits for the next call.</remarks>
    public int RefreshDirty(int maxRows)
    {
        if (_loading)
        {
            FinishLoading();
        }

        int done = 0;
        while (done < maxRows && _dirty.TryDequeue(out int item))
        {
            _flags[item] &= unchecked((byte)~InQueue);
            Rebuild(item);
            done++;
        }

        return done;
    }

    private void MarkDirty(int item)
    {
        if ((_flags[item] & InQueue) == 0)
        {
            _flags[item] |= InQueue;
            _dirty.Enqueue(item);
        }
    }

    /// <summary>Writer: the row's last save failed.</summary>
    public void MarkUnsaved(int item) => _flags[item] |= Unsaved;

    /// <summary>Every weight holds N: when it has moved by a tenth, all rows are due again.</summary>
    private void NotePeople()
    {
        if (_people <= _peopleAtRebuild * 1.1)
        {
            return;
        }

        _peopleAtRebuild = _people;
        float exponent = ExponentFor(_people);
        if (exponent != _exponent)
        {
            _exponent = exponent;
            Array.Clear(_damping);
        }

        for (int i = 0; i < _items; i++)
        {
            if (_counts[i].Count > 0)
            {
                MarkDirty(i);
            }
        }
    }

    private void Rebuild(int source)
    {
        int pairs = _counts[source].CopyTo(_pairItems, _pairCounts);
        int n = 0;
        float expected = ExpectedShare * _degrees[source] / Math.Max(1, _people);
        for (int p = 0; p < pairs; p++)
        {
            float weight = Weight(source, _pairItems[p], _pairCounts[p], expected);
            if (weight > 0)
            {
                _order[n++] = Selection.Key(weight, _pairItems[p]);
            }
        }

        n = Selection.SortLargestFirst(_order.AsSpan(0, n), NeighboursKept);
        double sum = 0;
        for (int k = 0; k < n; k++)
        {
            sum += Selection.ScoreOf(_order[k]);
        }

        double scale = Kernel == SimilarityKernel.Cosine ? 1 : 1 / Math.Max(sum, double.Epsilon);
        var items = new int[n];
        var weights = new float[n];
        for (int k = 0; k < n; k++)
        {
            items[k] = Selection.IdOf(_order[k]);
            weights[k] = (float)(Selection.ScoreOf(_order[k]) * scale);
        }

        Flow(_rows[source], -1);
        var row = n == 0 ? NeighbourRow.Empty : new NeighbourRow(items, weights);
        Flow(row, 1);
        Volatile.Write(ref _rows[source], row);
    }

    private float Weight(int source, int target, int count, float expected)
    {
        switch (Kernel)
        {
            case SimilarityKernel.Cosine:
                return count / MathF.Sqrt((float)_degrees[source] * Math.Max(1, _degrees[target]));
            case SimilarityKernel.SourceNormalised:
                return count;
            default:
                float y = count - (expected * _degrees[target]);
                if (y <= 0)
                {
                    return 0;
                }

                float damping = _damping[target];
                if (damping == 0)
                {
                    _damping[target] = damping = MathF.Pow(_degrees[target] + Shrinkage, -DampingPerExponent * _exponent);
                }

                return (_exponent == 3.5f ? y * y * y * MathF.Sqrt(y) : MathF.Pow(y, _exponent)) * damping;
        }
    }

    private void Flow(NeighbourRow row, int sign)
    {
        for (int k = 0; k < row.Count; k++)
        {
            int target = row.Items[k];
            long inflow = _inflow[target] += sign * (long)(row.Weights[k] / InflowUnit);
            _logInflow[target] = inflow > 0 ? (float)Math.Log(inflow * InflowUnit) : 0f;
        }
    }
}
