using System.Text.Json;
using System.Text.Json.Serialization;
using KnowledgePay.Decisions.Scoring;
using KnowledgePay.Learning.Files;
using KnowledgePay.Learning.ModelFiles;

namespace KnowledgePay.Learning.Risk;

/// <summary>A <see cref="RiskModel"/> on disk: <c>risk.json</c> for what people read, <c>trees.bin</c> for what they do not.</summary>
public static class RiskModelFile
{
    public const string Kind = "risk";

    /// <summary>Version 1. A new format is a new version beside it.</summary>
    public const int FormatVersion = 1;

    private const string Description = "risk.json";
    private const string Trees = "trees.bin";

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static void Write(string directory, RiskModel model, IReadOnlyDictionary<string, byte[]>? more = null)
    {
        using var trees = new MemoryStream();
        using var writer = new BinaryWriter(trees);
        var terms = new List<StoredTerm>();
        foreach ((double weight, IScoreTerm term) in model.Scorer.Terms)
        {
            switch (term)
            {
                case AdditiveScore additive:
                    terms.Add(new StoredTerm(weight, new StoredAdditive(additive.Intercept, [.. additive.Functions.Select(Store)]), null));
                    break;
                case TreeEnsemble ensemble:
                    terms.Add(new StoredTerm(weight, null, trees.Position));
                    TreeEnsembleFormat.Write(writer, ensemble);
                    break;
                default:
                    throw new NotSupportedException($"{term.GetType().Name} has no stored form.");
            }
        }

        writer.Flush();
        var stored = new StoredModel(
            model.Algorithm, model.Label, [.. model.Features], [.. model.Marginals], model.Scorer.Intercept, [.. terms], model.Scale, [.. model.DroppedColumns], model.ScoreQuantiles?.ToArray());
        var parts = new Dictionary<string, byte[]>(more ?? new Dictionary<string, byte[]>())
        {
            [Description] = JsonSerializer.SerializeToUtf8Bytes(stored, Json),
            [Trees] = trees.ToArray(),
        };
        ModelDirectory.Write(directory, Kind, FormatVersion, parts);
    }

    /// <exception cref="InputException">The directory holds no risk model, a newer or a damaged one.</exception>
    public static RiskModel Read(string directory)
    {
        (_, IReadOnlyDictionary<string, byte[]> parts) = ModelDirectory.Read(directory, Kind, FormatVersion);
        try
        {
            StoredModel stored = JsonSerializer.Deserialize<StoredModel>(parts[Description], Json) ?? throw new JsonException("expected a model.");
            using var reader = new BinaryReader(new MemoryStream(parts[Trees]));
            var terms = new List<(double, IScoreTerm)>();
            foreach (StoredTerm term in stored.Terms)
            {
                if (term.TreesAt is { } position)
                {
                    reader.BaseStream.Position = position;
                    terms.Add((term.Weight, TreeEnsembleFormat.Read(reader)));
                }
                else
                {
                    terms.Add((term.Weight, new AdditiveScore(term.Additive!.Intercept, [.. term.Additive.Functions.Select(Restore)])));
                }
            }

            return new RiskModel(
                stored.Algorithm, stored.Label, stored.Features, stored.Marginals, new LogOddsModel(stored.Features.Length, stored.Intercept, terms), stored.Scale, stored.DroppedColumns)
            {
                ScoreQuantiles = stored.ScoreQuantiles,
            };
        }
        catch (Exception damaged) when (damaged is JsonException or KeyNotFoundException or EndOfStreamException or ArgumentException or NullReferenceException)
        {
            throw new InputException($"{directory}: the model cannot be read. {damaged.Message}");
        }
    }

    private static StoredFunction Store(AdditiveFunction function) => new(
        function.Feature,
        function.Coding is { } coding ? new StoredCoding(coding.Bounds.ToArray(), [.. coding.LevelCodes.ToArray().Select(code => (int)code)], coding.UnseenCode) : null,
        function.ByCode.ToArray(),
        function.Slope,
        [function.Range.Lowest, function.Range.Highest],
        function.WhenMissing,
        function.Mean);

    private static AdditiveFunction Restore(StoredFunction stored) =>
        stored.Coding is { } coding
            ? AdditiveFunction.Table(
                stored.Feature,
                coding.LevelCodes.Length > 0 ? FeatureCoding.OfCategory([.. coding.LevelCodes.Select(code => checked((byte)code))], coding.UnseenCode) : FeatureCoding.OfNumber(coding.Bounds),
                stored.ByCode,
                stored.Mean)
            : AdditiveFunction.Line(stored.Feature, stored.Slope, (stored.Range[0], stored.Range[1]), stored.WhenMissing, stored.Mean);

    private sealed record StoredModel(
        string Algorithm, OutcomeLabel Label, RiskFeature[] Features, FeatureMarginal[] Marginals, double Intercept, StoredTerm[] Terms, PointsScale Scale, string[] DroppedColumns, double[]? ScoreQuantiles = null);

    private sealed record StoredTerm(double Weight, StoredAdditive? Additive, long? TreesAt);

    private sealed record StoredAdditive(double Intercept, StoredFunction[] Functions);

    private sealed record StoredFunction(int Feature, StoredCoding? Coding, double[] ByCode, double Slope, double[] Range, double WhenMissing, double Mean);

    private sealed record StoredCoding(double[] Bounds, int[] LevelCodes, byte UnseenCode);
}
