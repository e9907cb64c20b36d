using BenchmarkDotNet.Attributes;
using KnowledgePay.Decisions.Scoring;
using KnowledgePay.Learning.Risk;

namespace KnowledgePay.Benchmarks.Models;

/// <summary>Models of risk with twenty features: the score of a row, and its exact Shapley values.</summary>
[MemoryDiagnoser]
public class RiskModelBenchmarks
{
    private const int Features = 20;
    private const int Rows = 5_000;

    private readonly double[] _row = new double[Features];
    private readonly double[] _contributions = new double[Features];
    private LogOddsModel _model = null!;

    [Params("logistic", "scorecard", "random-forest", "boosted", "ensemble")]
    public string Algorithm { get; set; } = "";

    [GlobalSetup]
    public void Prepare()
    {
        var random = new Random(1);
        var values = new double[Rows * Features];
        var outcomes = new byte[Rows];
        for (int row = 0; row < Rows; row++)
        {
            for (int feature = 0; feature < Features; feature++)
            {
                values[(row * Features) + feature] = random.NextDouble();
            }

            double logOdds = (3 * values[row * Features]) + (2 * values[(row * Features) + 1] * values[(row * Features) + 2]) - 3;
            outcomes[row] = random.NextDouble() < LogOddsModel.Probability(logOdds) ? (byte)1 : (byte)0;
        }

        RiskFeature[] features = [.. Enumerable.Range(0, Features).Select(feature => new RiskFeature($"x{feature}", null))];
        _model = RiskTrainer.Train(new RiskRows(features, values, outcomes), new RiskTraining { Algorithm = Algorithm }).Picked.Model;
        for (int feature = 0; feature < Features; feature++)
        {
            _row[feature] = random.NextDouble();
        }
    }

    [Benchmark]
    public double Score() => _model.LogOdds(_row);

    [Benchmark]
    public double Explain()
    {
        _model.Contributions(_row, _contributions);
        return _contributions[0];
    }
}
