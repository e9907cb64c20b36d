using System.Text.Json.Nodes;
using KnowledgePay.Decisions.Offers;
using KnowledgePay.Decisions.Segmentation;
using KnowledgePay.Learning.BoostedTrees;
using KnowledgePay.Learning.Files;
using KnowledgePay.Learning.Tables;

namespace KnowledgePay.Learning.Uplift;

/// <summary>An offer that was shown or held out by lot, and what came of it.</summary>
/// <param name="Values">By <see cref="SegmentFeature"/>, as they were when it was decided.</param>
/// <param name="Product">As <c>partner/product</c>.</param>
/// <param name="Bought">Whether the person bought a course soon after.</param>
public sealed record OfferCase(double[] Values, string Product, bool Shown, bool Bought);

/// <param name="Qini">× 100, of cases held out.</param>
/// <param name="QiniLow">Lower end of its interval, wide enough for the best of many learners; above 0 where who gains can be told apart.</param>
/// <param name="AverageEffect">Share of buyers among those shown less that among those held out.</param>
public sealed record LearnedOfferUplift(UpliftModel Model, double Qini, double QiniLow, double AverageEffect, JsonObject Report);

/// <summary>Learns what difference it makes to show a partner's offer.</summary>
public static class OfferUplift
{
    private const string Product = "product", Shown = "shown", Bought = "bought";

    /// <summary>Features that are read: all but the age, which is protected.</summary>
    private static readonly string[] Features = [.. SegmentFeatures.Names.Where((_, feature) => feature != (int)SegmentFeature.AgeYears)];

    /// <exception cref="InputException">There are too few cases of either arm, or nothing varies.</exception>
    public static LearnedOfferUplift Train(IReadOnlyList<OfferCase> cases, ulong seed, Action<double>? progress = null, CancellationToken cancellation = default)
    {
        var columns = new List<TableColumn>();
        foreach (string name in Features)
        {
            int feature = PlaceOf(name);
            columns.Add(new NumericColumn(name, [.. cases.Select(one => one.Values[feature])]));
        }

        columns.Add(CategoricalColumn.Of(Product, cases.Select(one => one.Product)));
        columns.Add(new NumericColumn(Shown, [.. cases.Select(one => one.Shown ? 1.0 : 0)]));
        columns.Add(new NumericColumn(Bought, [.. cases.Select(one => one.Bought ? 1.0 : 0)]));
        var table = new Table("the journal", cases.Count, columns);
        (UpliftModel model, JsonObject report) = UpliftTrainer.Train(table, new UpliftSettings { Treatment = Shown, Outcome = Bought, Seed = seed }, progress, cancellation);
        JsonNode validation = report["validation"]!;
        return new LearnedOfferUplift(
            model,
            validation["qini"]!["value"]!.GetValue<double>(),
            validation["qiniLowAfterSelection"]!.GetValue<double>(),
            validation["averageEffect"]!.GetValue<double>(),
            report);
    }

    /// <summary>The model as offers are ranked by it.</summary>
    /// <exception cref="InputException">The model reads other columns than these.</exception>
    public static IOfferUplift Serving(UpliftModel model, string version)
    {
        foreach ((string name, bool isNumber) in model.Encoding.Columns.Select(column => (column.Name, column.Levels is null)).Concat(model.Bins.Select(bins => (bins.Name, bins.Edges is not null))))
        {
            if (isNumber ? !Features.Contains(name) : name != Product)
            {
                throw new InputException($"The stored uplift model reads '{name}', which this program does not know of an offer.");
            }
        }

        return new Served(model, version);
    }

    private static int PlaceOf(string feature) => SegmentFeatures.Names.ToList().IndexOf(feature);

    private sealed class Served(UpliftModel model, string version) : IOfferUplift
    {
        private readonly int[] _columns = [.. model.Encoding.Columns.Select(column => PlaceOf(column.Name))];
        private readonly int[] _bins = [.. model.Bins.Select(bins => PlaceOf(bins.Name))];
        private readonly int _width = model.Encoding.Width;

        public string Version => version;

        public double Of(ReadOnlySpan<double> features, string product)
        {
            Span<double> numbers = stackalloc double[_columns.Length], row = stackalloc double[_width];
            var names = new string?[_columns.Length];
            for (int i = 0; i < _columns.Length; i++)
            {
                (numbers[i], names[i]) = _columns[i] < 0 ? (double.NaN, product) : (features[_columns[i]], null);
            }

            model.Encoding.ApplyRow(numbers, names, row);
            Span<byte> codes = stackalloc byte[_bins.Length + 1];
            for (int i = 0; i < _bins.Length; i++)
            {
                codes[i] = _bins[i] < 0 ? model.Bins[i].Code(product) : model.Bins[i].Code(features[_bins[i]]);
            }

            return Math.Clamp(model.Predict(row, codes), -1, 1);
        }
    }
}
