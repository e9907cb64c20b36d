using CsCheck;
using KnowledgePay.Learning.Binning;

namespace KnowledgePay.Learning.Tests.Risk;

public sealed class OptimalBinningTests
{
    private const double Prior = 4;

    /// <summary>The bins are those that no other choice of monotone cuts beats, by trying all of them.</summary>
    [Fact]
    public void No_other_cuts_tell_more() =>
        Gen.Select(Gen.Int[2, 8], Gen.Int[0, int.MaxValue]).Sample((codes, seed) =>
        {
            var random = new Random(seed);
            int[] rows = [0, .. Enumerable.Range(0, codes).Select(_ => 60 + random.Next(40))];
            int[] positives = [0, .. rows.Skip(1).Select(count => 1 + random.Next(count - 1))];
            int all = rows.Sum(), positive = positives.Sum();
            var settings = new BinningSettings(BinsMax: 5, LeastShare: 0.01, Prior: Prior);
            IReadOnlyList<EvidenceBin> bins = OptimalBinning.Merge(positives, rows, ordered: true, [], settings);

            // Codes in order, each in one bin, rates in one direction.
            Assert.Equal(Enumerable.Range(1, codes), bins.SelectMany(bin => bin.Codes));
            double[] rates = [.. bins.Select(bin => (double)bin.Positives / bin.Rows)];
            Assert.True(rates.Zip(rates.Skip(1)).All(pair => pair.First < pair.Second) || rates.Zip(rates.Skip(1)).All(pair => pair.First > pair.Second));

            double rate = (double)positive / all, cost = 1.5 / (all * rate * (1 - rate));
            double Gain(IReadOnlyList<(int Rows, int Positives)> cut)
            {
                double[] own = [.. cut.Select(bin => (double)bin.Positives / bin.Rows)];
                bool rising = own.Zip(own.Skip(1)).All(pair => pair.First < pair.Second), falling = own.Zip(own.Skip(1)).All(pair => pair.First > pair.Second);
                return rising || falling ? cut.Sum(bin => Information(bin.Rows, bin.Positives, all, positive) - cost) : double.NegativeInfinity;
            }

            double reached = Gain([.. bins.Select(bin => (bin.Rows, bin.Positives))]), best = double.NegativeInfinity;
            for (int cuts = 0; cuts < 1 << (codes - 1); cuts++)
            {
                if (int.PopCount(cuts) >= settings.BinsMax)
                {
                    continue;
                }

                var cut = new List<(int Rows, int Positives)> { (0, 0) };
                for (int code = 1; code <= codes; code++)
                {
                    cut[^1] = (cut[^1].Rows + rows[code], cut[^1].Positives + positives[code]);
                    if (code < codes && (cuts >> (code - 1) & 1) != 0)
                    {
                        cut.Add((0, 0));
                    }
                }

                best = Math.Max(best, Gain(cut));
            }

            Assert.Equal(best, reached, 1e-9);
        }, iter: 200);

    [Fact]
    public void Missing_values_and_special_codes_keep_bins_of_their_own()
    {
        IReadOnlyList<EvidenceBin> bins = OptimalBinning.Merge([20, 5, 10, 30, 60], [40, 100, 100, 100, 100], ordered: true, [3], new BinningSettings(LeastShare: 0.01, Trend: 1));
        Assert.Contains(bins, bin => bin.Codes is [0]);
        Assert.Contains(bins, bin => bin.Codes is [3]);
        Assert.Equal(440, bins.Sum(bin => bin.Rows));
        Assert.True(bins.Single(bin => bin.Codes.Contains(4)).WeightOfEvidence > 0 && bins.Single(bin => bin.Codes.Contains(1)).WeightOfEvidence < 0);
    }

    private static double Information(int rows, int positives, int all, int positive)
    {
        double rate = (double)positive / all;
        double evidence = Math.Log((positives + (Prior * rate)) / (rows - positives + (Prior * (1 - rate)))) - Math.Log(rate / (1 - rate));
        return (((double)positives / positive) - ((double)(rows - positives) / (all - positive))) * evidence;
    }
}
