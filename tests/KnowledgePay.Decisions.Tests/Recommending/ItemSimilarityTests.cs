using CsCheck;
using KnowledgePay.Decisions.Projections;
using KnowledgePay.Decisions.Recommending;
using KnowledgePay.Decisions.Tests.Profiles;

namespace KnowledgePay.Decisions.Tests.Recommending;

public sealed class ItemSimilarityTests
{
    private const int Items = 40;

    /// <summary>Shelves in the order in which their courses were taken, each course once.</summary>
    private static readonly Gen<int[][]> Crowds = Gen.Int[0, Items - 1].Array[1, 9].Select(s => s.Distinct().ToArray()).Array[1, 80];

    [Fact]
    public void Counts_kept_event_by_event_are_those_of_the_whole_batch() => Crowds.Sample(crowd =>
    {
        ItemSimilarity similarity = Learn(crowd, SimilarityKernel.Residual);
        Assert.Equal(crowd.Length, similarity.People);
        for (int i = 0; i < Items; i++)
        {
            Assert.Equal(crowd.Count(s => s.Contains(i)), similarity.Degree(i));
            for (int j = 0; j < Items; j++)
            {
                Assert.Equal(i == j ? 0 : crowd.Count(s => s.Contains(i) && s.Contains(j)), similarity.PairCount(i, j));
            }
        }
    }, iter: 60);

    [Fact]
    public void People_may_come_in_any_order_and_interleaved() => Gen.Select(Crowds, Gen.Int).Sample((crowd, seed) =>
    {
        ItemSimilarity inOrder = Learn(crowd, SimilarityKernel.Cosine);
        var mixed = new ItemSimilarity(SimilarityKernel.Cosine);
        var random = new Random(seed);
        int[] taken = new int[crowd.Length];
        List<int> unfinished = [.. Enumerable.Range(0, crowd.Length)];
        while (unfinished.Count > 0)
        {
            int person = unfinished[random.Next(unfinished.Count)];
            mixed.Add(crowd[person][taken[person]], crowd[person].AsSpan(0, taken[person]));
            mixed.RefreshDirty(random.Next(4));
            if (++taken[person] == crowd[person].Length)
            {
                unfinished.Remove(person);
            }
        }

        for (int i = 0; i < Items; i++)
        {
            Assert.Equal(inOrder.Degree(i), mixed.Degree(i));
            for (int j = 0; j < Items; j++)
            {
                Assert.Equal(inOrder.PairCount(i, j), mixed.PairCount(i, j));
            }
        }
    }, iter: 40);

    [Theory]
    [InlineData(SimilarityKernel.Residual)]
    [InlineData(SimilarityKernel.Cosine)]
    [InlineData(SimilarityKernel.SourceNormalised)]
    public void Neighbours_are_those_of_the_naive_kernel(SimilarityKernel kernel) => Crowds.Sample(crowd =>
    {
        ItemSimilarity similarity = Reloaded(Learn(crowd, kernel), kernel);
        for (int source = 0; source < Items; source++)
        {
            double[] naive = Naive(crowd, source, kernel);
            NeighbourRow row = similarity.Row(source);
            if (naive.Sum() == 0)
            {
                continue;
            }

            for (int k = 0; k < row.Count; k++)
            {
                Assert.Equal(naive[row.Items[k]], row.Weights[k], 1e-3);
                Assert.True(k == 0 || row.Weights[k - 1] >= row.Weights[k]);
            }

            Assert.Empty(Enumerable.Range(0, Items).Where(i => naive[i] > 1e-5).Except(row.Items));
        }
    }, iter: 40);

    [Fact]
    public void With_the_source_normalised_kernel_every_touched_row_is_up_to_date_without_a_reload() => Crowds.Sample(crowd =>
    {
        // Its weights hang on the source's own counts only, so nothing else can make a row stale.
        ItemSimilarity similarity = Learn(crowd, SimilarityKernel.SourceNormalised);
        for (int source = 0; source < Items; source++)
        {
            double[] naive = Naive(crowd, source, SimilarityKernel.SourceNormalised);
            NeighbourRow row = similarity.Row(source);
            Assert.Equal(naive.Count(w => w > 0), row.Count);
            Assert.All(row.Items.Zip(row.Weights), n => Assert.Equal(naive[n.First], n.Second, 1e-4));
        }
    }, iter: 40);

    [Theory]
    [InlineData(SimilarityKernel.Residual)]
    [InlineData(SimilarityKernel.SourceNormalised)]
    public void A_normalised_row_sums_to_one(SimilarityKernel kernel) => Crowds.Sample(crowd =>
    {
        ItemSimilarity similarity = Learn(crowd, kernel);
        Assert.All(Enumerable.Range(0, Items).Select(similarity.Row).Where(r => r.Count > 0), r => Assert.Equal(1, r.Weights.Sum(), 1e-4));
    }, iter: 30);

    [Fact]
    public void Inflow_is_the_sum_of_all_weights_that_point_to_a_course() => Crowds.Sample(crowd =>
    {
        ItemSimilarity similarity = Learn(crowd, SimilarityKernel.Residual);
        double[] inflow = new double[Items];
        for (int source = 0; source < Items; source++)
        {
            NeighbourRow row = similarity.Row(source);
            for (int k = 0; k < row.Count; k++)
            {
                inflow[row.Items[k]] += row.Weights[k];
            }
        }

        for (int i = 0; i < Items; i++)
        {
            Assert.Equal(inflow[i] > 0 ? Math.Log(inflow[i]) : 0, similarity.LogInflow(i), 1e-3);
        }
    }, iter: 40);

    [Fact]
    public void What_is_stored_and_loaded_goes_on_as_if_nothing_had_happened() => Gen.Select(Crowds, Crowds).Sample((before, after) =>
    {
        ItemSimilarity live = Learn(before, SimilarityKernel.Residual);
        ItemSimilarity restarted = Reloaded(live, SimilarityKernel.Residual);
        foreach (int[] shelf in after)
        {
            Add(live, shelf);
            Add(restarted, shelf);
        }

        live.RefreshDirty(int.MaxValue);
        restarted.RefreshDirty(int.MaxValue);
        Assert.Equal(live.People, restarted.People);
        for (int i = 0; i < Items; i++)
        {
            Assert.Equal(live.Degree(i), restarted.Degree(i));
            Assert.Equal(live.Export(i).ToBytes(), restarted.Export(i).ToBytes());
        }

        AssertPopularOrder(restarted);
    }, iter: 40);

    [Fact]
    public void The_most_taken_courses_stand_first_at_any_moment() => Crowds.Sample(crowd =>
    {
        var similarity = new ItemSimilarity();
        foreach (int[] shelf in crowd)
        {
            Add(similarity, shelf);
            AssertPopularOrder(similarity);
        }
    }, iter: 40);

    [Fact]
    public void Only_what_changed_is_saved()
    {
        var similarity = new ItemSimilarity();
        Add(similarity, [1, 2, 3]);
        Assert.Equal([1, 2, 3], Unsaved(similarity).Select(r => r.Item));
        Assert.Empty(Unsaved(similarity));
        Add(similarity, [2]);
        Assert.Equal([2], Unsaved(similarity).Select(r => r.Item));
        similarity.MarkUnsaved(3);
        Assert.Equal([3], Unsaved(similarity).Select(r => r.Item));
    }

    [Fact]
    public void Rows_saved_at_different_moments_replay_to_the_same_counts() => Gen.Select(Crowds, Gen.Int[1, 400], Gen.Int[0, 100]).Sample((crowd, slice, gap) =>
    {
        var live = new ItemSimilarity();
        var log = new List<(int Item, int[] Before)>();
        var rows = new Dictionary<int, byte[]>();
        byte[] globals = live.SaveGlobals(0);
        int cursor = 0;
        foreach (int[] shelf in crowd)
        {
            for (int i = 0; i < shelf.Length; i++)
            {
                log.Add((shelf[i], shelf[..i]));
                live.Add(shelf[i], shelf.AsSpan(0, i), log.Count);
                if (log.Count % (1 + gap) == 0)
                {
                    var taken = new List<(int Item, byte[] State)>();
                    live.TakeUnsaved(ref cursor, slice, log.Count, taken);
                    taken.ForEach(row => rows[row.Item] = row.State);
                    globals = live.SaveGlobals(log.Count);
                }
            }
        }

        var restored = new ItemSimilarity();
        restored.LoadGlobals(globals);
        foreach ((int item, byte[] state) in rows)
        {
            restored.LoadRow(item, state);
        }

        for (int offset = 1; offset <= log.Count; offset++)
        {
            restored.Add(log[offset - 1].Item, log[offset - 1].Before, offset);
        }

        Assert.Equal(live.People, restored.People);
        for (int item = 0; item < live.Items; item++)
        {
            Assert.Equal(live.Degree(item), restored.Degree(item));
            ItemSimilarityState expected = live.Export(item), actual = restored.Export(item);
            Assert.Equal(expected.Items, actual.Items);
            Assert.Equal(expected.Counts, actual.Counts);
        }
    }, iter: 60);

    [Fact]
    public void Work_is_bounded_and_what_is_left_waits()
    {
        var similarity = new ItemSimilarity();
        Add(similarity, [.. Enumerable.Range(0, 30)]);
        Assert.Equal(30, similarity.DirtyRows);
        Assert.Equal(7, similarity.RefreshDirty(7));
        Assert.Equal(23, similarity.RefreshDirty(100));
        Assert.Equal(0, similarity.RefreshDirty(100));
    }

    [Fact]
    public void A_source_keeps_its_hundred_strongest_neighbours()
    {
        var similarity = new ItemSimilarity(SimilarityKernel.Cosine);
        for (int other = 1; other <= 250; other++)
        {
            for (int n = 0; n < (other % 3) + 1; n++)
            {
                similarity.Add(0, []);
                similarity.Add(other, [0]);
            }
        }

        similarity.RefreshDirty(int.MaxValue);
        Assert.Equal(ItemSimilarity.NeighboursKept, similarity.Row(0).Count);
    }

    [Fact]
    public void A_reader_s_row_never_changes()
    {
        var similarity = new ItemSimilarity();
        Add(similarity, [1, 2]);
        similarity.RefreshDirty(int.MaxValue);
        NeighbourRow held = similarity.Row(1);
        int[] items = [.. held.Items];
        float[] weights = [.. held.Weights];
        Add(similarity, [1, 3]);
        Add(similarity, [1, 3]);
        similarity.RefreshDirty(int.MaxValue);
        Assert.NotSame(held, similarity.Row(1));
        Assert.Equal(items, held.Items);
        Assert.Equal(weights, held.Weights);
    }

    [Fact]
    public void Courses_that_nobody_took_have_no_neighbours_and_no_degree()
    {
        var similarity = new ItemSimilarity();
        Assert.Equal(0, similarity.Degree(7));
        Assert.Equal(0, similarity.Degree(-1));
        Assert.Same(NeighbourRow.Empty, similarity.Row(7));
        Assert.Equal(0, similarity.LogInflow(1_000_000));
        Assert.Equal(0, similarity.PairCount(-1, 3));
        Assert.Equal(0, similarity.PopularTop(10).Length);
        Assert.Throws<ArgumentOutOfRangeException>(() => similarity.Add(-1, []));
    }

    [Fact]
    public void Only_the_newest_of_a_very_long_shelf_are_paired()
    {
        int[] shelf = [.. Enumerable.Range(1, ItemSimilarity.LongestShelf + 10)];
        var similarity = new ItemSimilarity();
        similarity.Add(0, shelf);
        Assert.Equal(0, similarity.PairCount(0, 10));
        Assert.Equal(1, similarity.PairCount(0, 11));
        Assert.Equal(1, similarity.PairCount(0, ItemSimilarity.LongestShelf + 10));
    }

    [Fact]
    public void Someone_whose_shelf_may_not_be_learned_from_is_one_person_and_teaches_no_pair()
    {
        var signals = new LiveSignals();
        var person = new FoldedPerson().Does(Happening.Consents(personalisation: false));
        foreach (int course in (int[])[1, 2, 3, 4, 5])
        {
            person.Does(Happening.Enrolled(course));
            foreach (ProjectionEffect effect in person.Effects)
            {
                signals.Apply(effect);
            }
        }

        Assert.Equal(1, signals.Similarity.People);
        Assert.Equal(1, signals.Similarity.Degree(4));
        Assert.Equal(0, signals.Similarity.PairCount(1, 2));
    }

    [Fact]
    public void Stored_bytes_that_were_damaged_are_refused_or_read_but_nothing_else() => Gen.Byte.Array[0, 40].Sample(bytes =>
    {
        try
        {
            ItemSimilarityState state = ItemSimilarityState.FromBytes(bytes);
            Assert.Equal(state.Items.Length, state.Counts.Length);
            Assert.All(state.Counts, c => Assert.True(c > 0));
        }
        catch (FormatException)
        {
            // What is said to callers.
        }
    }, iter: 2_000);

    [Fact]
    public void Stored_rows_that_are_cut_short_or_too_long_are_refused()
    {
        byte[] bytes = new ItemSimilarityState { Degree = 300, Items = [0, 5, 70_000], Counts = [1, 200, 3] }.ToBytes();
        for (int cut = 0; cut < bytes.Length; cut++)
        {
            Assert.Throws<FormatException>(() => ItemSimilarityState.FromBytes(bytes.AsSpan(0, cut)));
        }

        Assert.Throws<FormatException>(() => ItemSimilarityState.FromBytes([.. bytes, 0]));
        bytes[0] = 99;
        Assert.Throws<FormatException>(() => ItemSimilarityState.FromBytes(bytes));
        Assert.Throws<FormatException>(() => new ItemSimilarity().LoadGlobals([1, 2]));
    }

    [Fact]
    public void A_stored_row_reads_back_as_it_was() =>
        Gen.Select(Gen.Int[0, int.MaxValue], Gen.Int[0, int.MaxValue - 2].Array[0, 200], Gen.Int[1, int.MaxValue]).Sample((degree, some, count) =>
        {
            int[] items = [.. some.Distinct().Order()];
            int[] counts = [.. items.Select(i => Math.Max(1, (int)(((long)i * count) % int.MaxValue)))];
            ItemSimilarityState state = ItemSimilarityState.FromBytes(new ItemSimilarityState { Degree = degree, Items = items, Counts = counts }.ToBytes());
            Assert.Equal(degree, state.Degree);
            Assert.Equal(items, state.Items);
            Assert.Equal(counts, state.Counts);
        }, iter: 200);

    [Fact]
    public void A_row_is_loaded_once()
    {
        ItemSimilarity similarity = Learn([[1, 2]], SimilarityKernel.Residual);
        byte[] row = similarity.Export(1).ToBytes();
        Assert.Throws<InvalidOperationException>(() => similarity.LoadRow(1, row));
        Assert.Throws<ArgumentOutOfRangeException>(() => new ItemSimilarity().LoadRow(-1, row));
    }

    private static ItemSimilarity Learn(int[][] crowd, SimilarityKernel kernel)
    {
        var similarity = new ItemSimilarity(kernel);
        foreach (int[] shelf in crowd)
        {
            Add(similarity, shelf);
        }

        similarity.RefreshDirty(int.MaxValue);
        return similarity;
    }

    private static void Add(ItemSimilarity similarity, int[] shelf)
    {
        for (int i = 0; i < shelf.Length; i++)
        {
            similarity.Add(shelf[i], shelf.AsSpan(0, i));
        }
    }

    private static List<(int Item, byte[] State)> Unsaved(ItemSimilarity similarity)
    {
        var rows = new List<(int Item, byte[] State)>();
        int cursor = 0;
        Assert.True(similarity.TakeUnsaved(ref cursor, int.MaxValue, 1, rows));
        return rows;
    }

    private static ItemSimilarity Reloaded(ItemSimilarity from, SimilarityKernel kernel)
    {
        var to = new ItemSimilarity(kernel);
        to.LoadGlobals(from.SaveGlobals(1));
        for (int item = 0; item < from.Items; item++)
        {
            from.MarkUnsaved(item);
        }

        foreach ((int item, byte[] state) in Unsaved(from))
        {
            to.LoadRow(item, state);
        }

        to.RefreshDirty(int.MaxValue);
        return to;
    }

    private static double[] Naive(int[][] crowd, int source, SimilarityKernel kernel)
    {
        double q = ItemSimilarity.ExponentFor(crowd.Length);
        double[] weights = new double[Items];
        int own = crowd.Count(s => s.Contains(source));
        for (int target = 0; target < Items; target++)
        {
            int both = target == source ? 0 : crowd.Count(s => s.Contains(source) && s.Contains(target));
            int other = crowd.Count(s => s.Contains(target));
            double residual = both - (0.5 * own * other / crowd.Length);
            weights[target] = both == 0 ? 0 : kernel switch
            {
                SimilarityKernel.Cosine => both / Math.Sqrt((double)own * other),
                SimilarityKernel.SourceNormalised => both,
                _ => residual <= 1e-6 ? 0 : Math.Pow(residual, q) / Math.Pow(other + 100, 0.2 * q),
            };
        }

        double sum = weights.Sum();
        return kernel == SimilarityKernel.Cosine || sum == 0 ? weights : [.. weights.Select(w => w / sum)];
    }

    private static void AssertPopularOrder(ItemSimilarity similarity)
    {
        int[] order = similarity.PopularTop(int.MaxValue).ToArray();
        Assert.Equal(similarity.Items, order.Distinct().Count());
        for (int i = 1; i < order.Length; i++)
        {
            Assert.True(similarity.Degree(order[i - 1]) >= similarity.Degree(order[i]));
        }
    }
}
