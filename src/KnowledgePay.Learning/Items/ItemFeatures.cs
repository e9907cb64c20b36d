namespace KnowledgePay.Learning.Items;

/// <summary>What is known about items besides who took them: weighted features in compressed rows, each row of unit length.</summary>
/// <param name="starts">Where each item's features begin, with one more for the end.</param>
/// <param name="features">Feature numbers, 0 to one below <paramref name="count"/>, ascending within a row.</param>
/// <param name="vectors">Modalities that were given as vectors and are not in the rows yet; see <see cref="ModalityFusion"/>.</param>
public sealed class ItemFeatures(int[] starts, int[] features, float[] weights, int count, IReadOnlyList<ItemVectors>? vectors = null)
{
    public int Items => starts.Length - 1;

    public int Count => count;

    public IReadOnlyList<ItemVectors> Vectors { get; } = vectors ?? [];

    public ReadOnlySpan<int> FeaturesOf(int item) => features.AsSpan(starts[item], starts[item + 1] - starts[item]);

    public ReadOnlySpan<float> WeightsOf(int item) => weights.AsSpan(starts[item], starts[item + 1] - starts[item]);

    /// <summary>Of two items' rows.</summary>
    public double Cosine(int item, int other)
    {
        ReadOnlySpan<int> one = FeaturesOf(item), two = FeaturesOf(other);
        double sum = 0;
        for (int a = 0, b = 0; a < one.Length && b < two.Length;)
        {
            int order = one[a].CompareTo(two[b]);
            sum += order == 0 ? WeightsOf(item)[a] * WeightsOf(other)[b] : 0;
            a += order <= 0 ? 1 : 0;
            b += order >= 0 ? 1 : 0;
        }

        return sum;
    }

    /// <summary>Adds <c>scale · ⟨f_i, f_j⟩</c> to a dense square over chosen items.</summary>
    public void AddSimilarity(double[] square, int[] items, double scale)
    {
        int n = items.Length;
        Parallel.For(
            0,
            n,
            () => new float[count],
            (row, _, dense) =>
            {
                Spread(items[row], dense, 1);
                for (int column = 0; column < n; column++)
                {
                    square[((long)row * n) + column] += scale * Dot(dense, items[column]);
                }

                Spread(items[row], dense, 0);
                return dense;
            },
            _ => { });
    }

    /// <summary>The <paramref name="most"/> items with the greatest cosine to an item, best first, among those that <paramref name="allowed"/> names.</summary>
    public IReadOnlyList<(int Item, float Cosine)> Nearest(int item, IReadOnlyList<int> allowed, int most)
    {
        var dense = new float[count];
        Spread(item, dense, 1);
        return
        [
            .. allowed.Where(other => other != item)
                .Select(other => (Item: other, Cosine: (float)Dot(dense, other)))
                .Where(one => one.Cosine > 0)
                .OrderByDescending(one => one.Cosine).ThenBy(one => one.Item)
                .Take(most),
        ];
    }

    private void Spread(int item, float[] dense, float factor)
    {
        ReadOnlySpan<int> own = FeaturesOf(item);
        ReadOnlySpan<float> of = WeightsOf(item);
        for (int k = 0; k < own.Length; k++)
        {
            dense[own[k]] = factor * of[k];
        }
    }

    private double Dot(float[] dense, int item)
    {
        ReadOnlySpan<int> own = FeaturesOf(item);
        ReadOnlySpan<float> of = WeightsOf(item);
        double sum = 0;
        for (int k = 0; k < own.Length; k++)
        {
            sum += dense[own[k]] * of[k];
        }

        return sum;
    }
}
