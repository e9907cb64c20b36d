using KnowledgePay.Decisions.Recommending.Models;
using KnowledgePay.Learning.Interactions;
using KnowledgePay.Learning.Numerics;

namespace KnowledgePay.Learning.Recommenders;

/// <summary>Ridge regression of what comes later in a history on what came before, in closed form: the item transitions of SLIST (Choi et al. 2021).</summary>
/// <remarks>
/// Every history is cut after each of its items: what is before the cut, S, weighs <c>past^g</c> with g the places before it, what is behind it, T, weighs <c>future^g</c>;
/// <c>B = (SᵀS + λI)⁻¹·SᵀT</c> over all cuts, which takes two tables of pairs and not the cuts themselves. Other than a count of followers, B gives no credit twice for items that go together.
/// Settings: <c>lambda</c>, <c>past</c>, <c>future</c>; <c>lengthPower</c> weighs a person by h^(−power). A score is <c>Σ_l past^l·B[i_l, j]</c>, l = 0 for the newest item.
/// </remarks>
public sealed class LinearSequenceLearner : IRecommenderLearner
{
    /// <summary>Items that have weights at most, the most taken ones: learning takes their cube in multiply-adds, twice.</summary>
    public const int MostItems = 8000;

    /// <summary>Weights of pairs below this are left out.</summary>
    private const double Negligible = 1e-3;

    private const int MostPlaces = 200;

    /// <summary>Items from which only the penalty is looked around: everything else is learned from two new tables.</summary>
    private const int ManyItems = 3000;

    private (double Past, double Future, double Power, double[] Before, double[] Across)? _tables;
    private InteractionMatrix? _tablesOf;

    public string Algorithm => "linear-sequence";

    public IReadOnlyList<Hyperparameters> Choices(TrainingData data) => [Setting(data, 0.6, 0.6), Setting(data, 0.8, 0.8), Setting(data, 0.4, 0.8)];

    public IReadOnlyList<Hyperparameters> Around(Hyperparameters best, TrainingData data)
    {
        (double lambda, double past, double future, double power) = (best["lambda"], best["past"], best["future"], best["lengthPower"]);
        if (data.Matrix.Items > ManyItems)
        {
            return [Moved(best, "lambda", lambda * 3), Moved(best, "lambda", lambda / 3)];
        }

        return
        [
            Moved(best, "lambda", lambda * 3), Moved(best, "lambda", lambda / 3), Moved(best, "past", Nearer(past)), Moved(best, "past", Farther(past)),
            Moved(best, "future", Nearer(future)), Moved(best, "future", Farther(future)), Moved(best, "lengthPower", Math.Min(1, power + 0.5)),
        ];
    }

    public IHistoryScorer Fit(TrainingData data, Hyperparameters settings)
    {
        double lambda = settings["lambda"], past = settings["past"], future = settings["future"], power = settings["lengthPower"];
        int[] covered = Cooccurrence.MostTaken(data.Matrix, MostItems);
        int n = covered.Length;
        (double[] before, double[] across) = Tables(data.Matrix, covered, past, future, power);
        double[] a = (double[])before.Clone();
        for (int i = 0; i < n; i++)
        {
            a[((long)i * n) + i] += lambda;
        }

        SymmetricInverse.Invert(a, n);
        return new ItemWeightScorer(data.Matrix.Items, covered, Product(a, across, n), (float)past);
    }

    private static float[] Product(double[] inverse, double[] across, int n)
    {
        const int Rows = 64;
        float[] right = Array.ConvertAll(across, x => (float)x);
        var weights = new float[(long)n * n];
        Parallel.For(0, (n + Rows - 1) / Rows, block =>
        {
            int first = block * Rows, rows = Math.Min(Rows, n - first);
            var left = new float[rows * n];
            for (int k = 0; k < left.Length; k++)
            {
                left[k] = (float)inverse[((long)first * n) + k];
            }

            MatrixProduct.Multiply(left, n, 1, right, weights.AsSpan(first * n, rows * n), rows, n, n);
        });
        return weights;
    }

    /// <summary>SᵀS and SᵀT; the last ones are kept, since λ alone is often what changes.</summary>
    private (double[] Before, double[] Across) Tables(InteractionMatrix matrix, int[] covered, double past, double future, double power)
    {
        if (_tables is { } known && ReferenceEquals(_tablesOf, matrix) && known.Past == past && known.Future == future && known.Power == power)
        {
            return (known.Before, known.Across);
        }

        (_tables, _tablesOf) = (null, matrix);
        int n = covered.Length;
        var columnOf = new int[matrix.Items];
        Array.Fill(columnOf, -1);
        for (int c = 0; c < n; c++)
        {
            columnOf[covered[c]] = c;
        }

        // A pair g places apart: in one past with t cuts behind it (past^g·Σ past^2m), and in a past and its future (Σ past^m·future^(g−1−m)).
        var together = new double[MostPlaces];
        var cuts = new double[MostPlaces + 1];
        var ahead = new double[MostPlaces];
        for (int g = 0; g < MostPlaces; g++)
        {
            together[g] = Math.Pow(past, g);
            cuts[g + 1] = cuts[g] + Math.Pow(past, 2 * g);
            for (int m = 0; m < g; m++)
            {
                ahead[g] += Math.Pow(past, m) * Math.Pow(future, g - 1 - m);
            }
        }

        int reach = 1;
        while (reach + 1 < MostPlaces && (together[reach + 1] > Negligible || ahead[reach + 1] > Negligible * ahead[1]))
        {
            reach++;
        }

        var before = new double[(long)n * n];
        var across = new double[(long)n * n];
        HistoryPlaces places = HistoryPlaces.Of(matrix);
        Parallel.For(0, n, row =>
        {
            long at = (long)row * n;
            foreach ((int user, int place) in places.Occurrences(covered[row]))
            {
                ReadOnlySpan<HistoryEntry> history = matrix.Row(user);
                double weight = power == 0 ? 1 : Math.Pow(history.Length, -power);
                int last = Math.Min(history.Length - 1, place + reach);
                for (int q = Math.Max(0, place - reach); q <= last; q++)
                {
                    int column = columnOf[history[q].Item];
                    if (column >= 0)
                    {
                        int left = Math.Min(MostPlaces, history.Length - 1 - Math.Max(place, q));
                        before[at + column] += weight * together[Math.Abs(q - place)] * cuts[left];
                        across[at + column] += q > place ? weight * ahead[q - place] : 0;
                    }
                }
            }
        });
        _tables = (past, future, power, before, across);
        return (before, across);
    }

    private static Hyperparameters Setting(TrainingData data, double past, double future) => Hyperparameters.Of(
        ("lambda", Math.Max(1, Math.Round((double)data.Matrix.Count / Math.Max(1, data.Matrix.Items)))), ("past", past), ("future", future), ("lengthPower", 0));

    private static double Nearer(double weight) => Math.Round(Math.Max(0.1, weight - (0.25 * (1 - Math.Abs((2 * weight) - 1))) - 0.05), 3);

    private static double Farther(double weight) => Math.Round(Math.Min(0.98, weight + (0.4 * (1 - weight))), 3);

    private static Hyperparameters Moved(Hyperparameters from, string name, double value) => from.With(new Dictionary<string, double> { [name] = value });
}
