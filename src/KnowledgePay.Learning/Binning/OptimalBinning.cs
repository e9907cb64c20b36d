namespace KnowledgePay.Learning.Binning;

/// <summary>What bins may be.</summary>
/// <param name="BinsMax">Most bins of a feature beside the missing and special ones.</param>
/// <param name="LeastShare">Least share of the rows in a bin.</param>
/// <param name="Prior">Rows at the average rate that are added to each bin before its weight of evidence.</param>
/// <param name="Trend">+1: the rate must rise along the feature; −1: it must fall; 0: whichever tells more.</param>
public sealed record BinningSettings(int BinsMax = 8, double LeastShare = 0.04, double Prior = 10, int Trend = 0);

/// <summary>One bin of a feature.</summary>
/// <param name="Codes">The codes that fall into it.</param>
/// <param name="WeightOfEvidence">ln of the bin's odds of the positive outcome to the table's odds; above 0 is riskier.</param>
/// <param name="InformationValue">The bin's part of the feature's information value.</param>
public sealed record EvidenceBin(IReadOnlyList<int> Codes, int Rows, int Positives, double WeightOfEvidence, double InformationValue);

/// <summary>Merges fine codes into the monotone bins of highest information value, by dynamic programming over all cuts.</summary>
/// <remarks>
/// Information value is Siddiqi's (2006): Σ (share of positives − share of negatives) × weight of evidence. A bin costs what it would gain on
/// average if the feature told nothing, so that noise makes no bins. Missing values and special codes keep bins of their own.
/// </remarks>
public static class OptimalBinning
{
    private const int PreBinsMax = 40;

    /// <param name="positives">By code.</param>
    /// <param name="rows">By code; code 0 is missing.</param>
    /// <param name="ordered">Whether the order of codes means something; else they are ordered by their rate.</param>
    /// <param name="specials">Codes in bins of their own.</param>
    public static IReadOnlyList<EvidenceBin> Merge(ReadOnlySpan<int> positives, ReadOnlySpan<int> rows, bool ordered, IReadOnlyCollection<int> specials, BinningSettings settings)
    {
        int allRows = 0;
        int allPositives = 0;
        for (int code = 0; code < rows.Length; code++)
        {
            allRows += rows[code];
            allPositives += positives[code];
        }

        double rate = (double)allPositives / allRows;
        var bins = new List<EvidenceBin>();
        var sequence = new List<int>();
        for (int code = 0; code < rows.Length; code++)
        {
            if (rows[code] == 0)
            {
                continue;
            }

            if (code == 0 || specials.Contains(code))
            {
                bins.Add(Bin([code], rows[code], positives[code], allRows, allPositives, settings.Prior));
            }
            else
            {
                sequence.Add(code);
            }
        }

        if (!ordered)
        {
            double[] rates = new double[rows.Length];
            foreach (int code in sequence)
            {
                rates[code] = (positives[code] + (settings.Prior * rate)) / (rows[code] + settings.Prior);
            }

            sequence = [.. sequence.OrderBy(code => rates[code]).ThenBy(code => code)];
        }

        double least = Math.Max(settings.LeastShare * allRows, 5);
        List<PreBin> fine = PreBins(sequence, rows, positives, Math.Max(least / 3, allRows / (double)PreBinsMax));
        IReadOnlyList<(int Start, int End)> cuts = fine.Count < 2 ? [(0, fine.Count)] : Best(fine, allRows, allPositives, least, settings, ordered ? settings.Trend : 1);
        foreach ((int start, int end) in cuts)
        {
            PreBin[] own = [.. fine.Skip(start).Take(end - start)];
            if (own.Length > 0)
            {
                bins.Add(Bin([.. own.SelectMany(bin => bin.Codes)], own.Sum(bin => bin.Rows), own.Sum(bin => bin.Positives), allRows, allPositives, settings.Prior));
            }
        }

        return bins;
    }

    private static EvidenceBin Bin(IReadOnlyList<int> codes, int rows, int positives, int allRows, int allPositives, double prior)
    {
        double rate = (double)allPositives / allRows;
        double evidence = Evidence(rows, positives, rate, Math.Max(prior, 1));
        double gap = ((double)positives / allPositives) - ((double)(rows - positives) / (allRows - allPositives));
        return new EvidenceBin(codes, rows, positives, evidence, gap * evidence);
    }

    private static double Evidence(int rows, int positives, double rate, double prior) =>
        Math.Log((positives + (prior * rate)) / (rows - positives + (prior * (1 - rate)))) - Math.Log(rate / (1 - rate));

    private static List<PreBin> PreBins(List<int> sequence, ReadOnlySpan<int> rows, ReadOnlySpan<int> positives, double least)
    {
        var bins = new List<PreBin>();
        var codes = new List<int>();
        (int count, int positive) = (0, 0);
        foreach (int code in sequence)
        {
            codes.Add(code);
            count += rows[code];
            positive += positives[code];
            if (count >= least)
            {
                bins.Add(new PreBin([.. codes], count, positive));
                codes.Clear();
                (count, positive) = (0, 0);
            }
        }

        if (codes.Count > 0)
        {
            if (bins.Count > 0)
            {
                PreBin last = bins[^1];
                bins[^1] = new PreBin([.. last.Codes, .. codes], last.Rows + count, last.Positives + positive);
            }
            else
            {
                bins.Add(new PreBin([.. codes], count, positive));
            }
        }

        return bins;
    }

    private static IReadOnlyList<(int Start, int End)> Best(List<PreBin> fine, int allRows, int allPositives, double least, BinningSettings settings, int trend)
    {
        (double Value, IReadOnlyList<(int, int)> Cuts) rising = trend >= 0 ? Monotone(fine, allRows, allPositives, least, settings, 1) : (double.NegativeInfinity, []);
        (double Value, IReadOnlyList<(int, int)> Cuts) falling = trend <= 0 ? Monotone(fine, allRows, allPositives, least, settings, -1) : (double.NegativeInfinity, []);
        return rising.Value >= falling.Value ? rising.Cuts : falling.Cuts;
    }

    /// <summary>best[b][start, end]: highest information value of the pre-bins up to end in b bins of which the last begins at start.</summary>
    private static (double Value, IReadOnlyList<(int, int)> Cuts) Monotone(List<PreBin> fine, int allRows, int allPositives, double least, BinningSettings settings, int sign)
    {
        int count = fine.Count;
        int[] rows = new int[count + 1];
        int[] positives = new int[count + 1];
        for (int i = 0; i < count; i++)
        {
            rows[i + 1] = rows[i] + fine[i].Rows;
            positives[i + 1] = positives[i] + fine[i].Positives;
        }

        double rate = (double)allPositives / allRows;
        double cost = 1.5 / (allRows * rate * (1 - rate));
        var value = new double[count, count + 1];
        for (int start = 0; start < count; start++)
        {
            for (int end = start + 1; end <= count; end++)
            {
                int all = rows[end] - rows[start];
                bool large = all >= least || (start == 0 && end == count);
                value[start, end] = large ? Bin([], all, positives[end] - positives[start], allRows, allPositives, settings.Prior).InformationValue - cost : double.NegativeInfinity;
            }
        }

        double Rate(int start, int end) => (double)(positives[end] - positives[start]) / (rows[end] - rows[start]);

        var best = new double[settings.BinsMax + 1][,];
        var from = new int[settings.BinsMax + 1][,];
        (double Value, int Bins, int Start) top = (double.NegativeInfinity, 0, 0);
        for (int bins = 1; bins <= settings.BinsMax; bins++)
        {
            best[bins] = new double[count, count + 1];
            from[bins] = new int[count, count + 1];
            for (int start = 0; start < count; start++)
            {
                for (int end = start + 1; end <= count; end++)
                {
                    double most = bins == 1 && start == 0 ? 0 : double.NegativeInfinity;
                    for (int before = 0; bins > 1 && before < start; before++)
                    {
                        double sum = best[bins - 1][before, start];
                        if (sum > most && sign * (Rate(start, end) - Rate(before, start)) > 0)
                        {
                            most = sum;
                            from[bins][start, end] = before;
                        }
                    }

                    best[bins][start, end] = most + value[start, end];
                }

                if (best[bins][start, count] > top.Value)
                {
                    top = (best[bins][start, count], bins, start);
                }
            }
        }

        var cuts = new List<(int, int)>();
        (int last, int at) = (count, top.Start);
        for (int bins = top.Bins; bins >= 1; bins--)
        {
            cuts.Add((at, last));
            (last, at) = (at, from[bins][at, last]);
        }

        cuts.Reverse();
        return (top.Value, cuts);
    }

    private readonly record struct PreBin(int[] Codes, int Rows, int Positives);
}
