using KnowledgePay.Learning.BoostedTrees;
using KnowledgePay.Learning.ModelFiles;
using KnowledgePay.Learning.Tables;

namespace KnowledgePay.Learning.Premium;

/// <summary>Expected claims per unit of exposure: a Poisson regression and two Poisson boostings, blended in proportion to what cross-validation chose.</summary>
public sealed class PremiumModel
{
    public const string Kind = "premium";
    private const int Format = 1;

    internal PremiumModel(FeatureBins[] coarse, FeatureBins[] fine, LogLinkRegression regression, TreeSum[] boostings, double regressionShare, double baseLog, double balance, LogLinkRegression? severity, PremiumLoading loading) =>
        (Coarse, Fine, Regression, Boostings, RegressionShare, BaseLog, Balance, Severity, Loading) = (coarse, fine, regression, boostings, regressionShare, baseLog, balance, severity, loading);

    internal FeatureBins[] Coarse { get; }

    internal FeatureBins[] Fine { get; }

    internal LogLinkRegression Regression { get; }

    internal TreeSum[] Boostings { get; }

    /// <summary>0 to 1: the regression's part of the mean; the boostings share the rest evenly.</summary>
    public double RegressionShare { get; }

    /// <summary>Logarithm of the portfolio's frequency, where boosting starts.</summary>
    internal double BaseLog { get; }

    /// <summary>By which every frequency is multiplied, so that the expected claims of the portfolio are its observed ones.</summary>
    public double Balance { get; }

    /// <summary>Mean amount of a claim; null when no amounts were given.</summary>
    internal LogLinkRegression? Severity { get; }

    public PremiumLoading Loading { get; }

    public bool HasSeverity => Severity is not null;

    /// <summary>How to read another table for this model.</summary>
    public TableOptions Options => new()
    {
        Only = [.. Fine.Select(feature => feature.Name)],
        Numeric = [.. Fine.Where(feature => feature.Edges is not null).Select(feature => feature.Name)],
        Categorical = [.. Fine.Where(feature => feature.Edges is null).Select(feature => feature.Name)],
        NamedBy = "the model",
    };

    /// <summary>Claims per unit of exposure, by row.</summary>
    public double[] Frequency(Table table)
    {
        double[] rate = RegressionShare > 0 ? Regression.Predict(BinnedTable.Of(table, Coarse)) : new double[table.Rows];
        double[][] boosted = [];
        if (RegressionShare < 1)
        {
            BinnedTable fine = BinnedTable.Of(table, Fine);
            boosted = [.. Boostings.Select(boosting => boosting.Sum(fine))];
        }

        for (int row = 0; row < rate.Length; row++)
        {
            double mean = RegressionShare > 0 ? RegressionShare * Math.Exp(rate[row]) : 0;
            foreach (double[] one in boosted)
            {
                mean += (1 - RegressionShare) / boosted.Length * Math.Exp(BaseLog + one[row]);
            }

            rate[row] = mean * Balance;
        }

        return rate;
    }

    /// <summary>Mean amount of a claim, by row.</summary>
    public double[] MeanClaim(Table table) =>
        [.. (Severity ?? throw new InvalidOperationException("The model has no severity.")).Predict(BinnedTable.Of(table, Coarse)).Select(eta => Math.Exp(eta) * Loading.LargeClaims)];

    /// <summary>Claims per unit of exposure of one row.</summary>
    /// <param name="coarse">By <see cref="Coarse"/> feature.</param>
    /// <param name="fine">By <see cref="Fine"/> feature.</param>
    internal double Frequency(ReadOnlySpan<byte> coarse, ReadOnlySpan<byte> fine)
    {
        double mean = RegressionShare > 0 ? RegressionShare * Math.Exp(Regression.Predict(coarse)) : 0;
        foreach (TreeSum boosting in Boostings)
        {
            mean += (1 - RegressionShare) / Boostings.Length * Math.Exp(BaseLog + boosting.Sum(fine));
        }

        return mean * Balance;
    }

    /// <summary>Mean amount of a claim of one row.</summary>
    internal double MeanClaim(ReadOnlySpan<byte> coarse) =>
        Math.Exp((Severity ?? throw new InvalidOperationException("The model has no severity.")).Predict(coarse)) * Loading.LargeClaims;

    public void Write(string directory) => BinaryPart.Write(directory, Kind, Format, writer =>
    {
        BinnedTable.Write(writer, Coarse);
        BinnedTable.Write(writer, Fine);
        Regression.Write(writer);
        writer.Write(Boostings.Length);
        foreach (TreeSum boosting in Boostings)
        {
            boosting.Write(writer);
        }

        writer.Write(RegressionShare);
        writer.Write(BaseLog);
        writer.Write(Balance);
        writer.Write(Severity is not null);
        Severity?.Write(writer);
        writer.Write(Loading.LargeClaims);
        writer.Write(Loading.Safety);
        writer.Write(Loading.Expenses);
        writer.Write(Loading.Profit);
    });

    public static PremiumModel Read(string directory) => BinaryPart.Read(directory, Kind, Format, (reader, _) =>
    {
        FeatureBins[] coarse = BinnedTable.ReadFeatures(reader);
        FeatureBins[] fine = BinnedTable.ReadFeatures(reader);
        LogLinkRegression regression = LogLinkRegression.Read(reader, coarse);
        var boostings = new TreeSum[reader.ReadCount(4)];
        for (int i = 0; i < boostings.Length; i++)
        {
            boostings[i] = TreeSum.Read(reader, fine.Length);
        }

        double share = reader.ReadDouble();
        double baseLog = reader.ReadDouble();
        double balance = reader.ReadDouble();
        LogLinkRegression? severity = reader.ReadBoolean() ? LogLinkRegression.Read(reader, coarse) : null;
        var loading = new PremiumLoading { LargeClaims = reader.ReadDouble(), Safety = reader.ReadDouble(), Expenses = reader.ReadDouble(), Profit = reader.ReadDouble() };
        return new PremiumModel(coarse, fine, regression, boostings, share, baseLog, balance, severity, loading);
    });
}

/// <summary>From the pure premium to the one that is charged: (pure·(1 + safety)) / (1 − expenses − profit).</summary>
public sealed record PremiumLoading
{
    /// <summary>What claims above the cap add to a mean claim, spread over all; 1 and up. Learned.</summary>
    public double LargeClaims { get; init; } = 1;

    /// <summary>Share of the pure premium held against chance.</summary>
    public double Safety { get; init; } = 0.05;

    /// <summary>Share of the charged premium.</summary>
    public double Expenses { get; init; } = 0.25;

    /// <summary>Share of the charged premium.</summary>
    public double Profit { get; init; } = 0.05;

    public double Charged(double pure) => pure * (1 + Safety) / (1 - Expenses - Profit);
}
