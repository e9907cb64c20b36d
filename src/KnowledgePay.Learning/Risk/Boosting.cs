using KnowledgePay.Decisions.Offers;
using KnowledgePay.Decisions.Scoring;
using KnowledgePay.Learning.Trees;

namespace KnowledgePay.Learning.Risk;

/// <summary>One run of boosting, tree by tree.</summary>
internal sealed class Boosting
{
    private readonly RiskRows _data;
    private readonly BoostingSettings _settings;
    private readonly TreeGrower _grower;
    private readonly CodedColumns _columns;
    private readonly double[] _margins;
    private readonly double[] _gradient;
    private readonly double[] _weight;
    private SeededRandom _random;

    public Boosting(CodedColumns columns, RiskRows data, BoostingSettings settings, SeededRandom random)
    {
        (_columns, _data, _settings, _random) = (columns, data, settings, random);
        _grower = new TreeGrower(columns, settings.Tree);
        Forest = new TreeForest(columns);
        _margins = new double[data.Rows];
        _gradient = new double[data.Rows];
        _weight = new double[data.Rows];
        Intercept = data.LogOdds;
        Array.Fill(_margins, Intercept);
    }

    public double Intercept { get; }

    public TreeForest Forest { get; }

    public void Step()
    {
        for (int row = 0; row < _margins.Length; row++)
        {
            double p = LogOddsModel.Probability(_margins[row]);
            _gradient[row] = p - _data.Outcomes[row];
            _weight[row] = Math.Max(p * (1 - p), 1e-12);
        }

        var rows = new List<int>(_margins.Length);
        for (int row = 0; row < _margins.Length; row++)
        {
            if (_settings.RowShare >= 1 || _random.NextDouble() < _settings.RowShare)
            {
                rows.Add(row);
            }
        }

        if (rows.Count == 0)
        {
            rows.Add(0);
        }

        _grower.Grow(Forest, _gradient, _weight, [.. rows], _settings.FeatureShare, null, ref _random);
        Forest.ScaleLast(_settings.LearningRate);
        Forest.AddLast(_columns.Codes, _margins);
    }
}
