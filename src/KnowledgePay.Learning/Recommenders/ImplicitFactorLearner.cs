using KnowledgePay.Decisions.Recommending.Models;
using KnowledgePay.Learning.Interactions;
using KnowledgePay.Learning.Simulation;

namespace KnowledgePay.Learning.Recommenders;

/// <summary>iALS (Hu, Koren and Volinsky 2008; Rendle et al. 2022): alternating exact solves for people and items, on all cores.</summary>
/// <remarks>
/// Settings: <c>dimensions</c>, <c>epochs</c>, <c>unobserved</c> α₀, <c>regularisation</c> λ, <c>frequencyPower</c> ν. Each row is solved by one thread alone and Gram matrices are
/// summed in a fixed order, so that threads change nothing. Memory: 4·d bytes a person and an item.
/// </remarks>
public sealed class ImplicitFactorLearner : IRefittingLearner
{
    /// <summary>Dimensions that validation chooses at most; more can be given.</summary>
    private const int MostDimensionsChosen = 128;

    /// <summary>
    /// Of a refit: all people are learned from. Items are drawn to where they were by this many times their own penalty, so that many refits are not many epochs more:
    /// that few epochs are made is a part of what keeps this model from learning chance.
    /// </summary>
    private const int RefitEpochs = 2;
    private const float RefitAnchor = 1;

    public string Algorithm => "ials";

    public IReadOnlyList<Hyperparameters> Choices(TrainingData data)
    {
        var scale = new Scale(data.Matrix);
        return [.. new[] { (4, 0.5), (4, 0.25), (4, 1), (1.5, 0.5), (12, 0.5) }.Select(choice => scale.Setting(choice.Item1, choice.Item2))];
    }

    public IReadOnlyList<Hyperparameters> Around(Hyperparameters best, TrainingData data)
    {
        double regularisation = best["regularisation"], unobserved = best["unobserved"];
        IEnumerable<Hyperparameters> around = [Moved(best, "regularisation", Rounded(1.5 * regularisation)), Moved(best, "regularisation", Rounded(regularisation / 1.5))];
        if (best["dimensions"] < MostDimensionsChosen)
        {
            // One penalty for the other: with half the weight of what was not taken, a penalty that holds a row back as much as before.
            var scale = new Scale(data.Matrix);
            around = [.. around, scale.Moved(best, Math.Min(1, 2 * unobserved)), scale.Moved(best, unobserved / 2), Moved(best, "dimensions", MostDimensionsChosen)];
        }

        return [.. around];
    }

    public IHistoryScorer Fit(TrainingData data, Hyperparameters settings) => Learn(data, settings, (int)settings["epochs"], null);

    public IHistoryScorer Refit(TrainingData data, Hyperparameters settings, EarlierFit earlier) =>
        earlier.Scorer is FactorScorer factors && factors.Dimensions == DimensionsOf(settings)
            ? Learn(data, settings, Math.Min(RefitEpochs, (int)settings["epochs"]), (factors.Factors, earlier))
            : Fit(data, settings);

    private static int DimensionsOf(Hyperparameters settings)
    {
        int step = NormalEquations.DimensionStep;
        return Math.Max(1, (int)Math.Ceiling(settings["dimensions"] / step)) * step;
    }

    /// <summary>
    /// What an observed pair is taken for where items are learned, 1 unless it counts differently: the loss <c>w·(1 − ŷ)² + (1 − w)·ŷ²</c> is that of the target w (Saito et al. 2020).
    /// People are solved from what they took as it is, as they are when they are served.
    /// </summary>
    private static float TargetOf(InteractionMatrix matrix, int user, int item) => matrix.Weights?.Of(user, item) ?? 1;

    /// <param name="start">What is known of the items.</param>
    private static FactorScorer Learn(TrainingData data, Hyperparameters settings, int epochs, (float[] Factors, EarlierFit Fit)? start)
    {
        InteractionMatrix matrix = data.Matrix;
        int d = DimensionsOf(settings);
        float unobserved = (float)settings["unobserved"], regularisation = (float)settings["regularisation"], power = (float)settings.Get("frequencyPower", 1);
        var people = new float[(long)matrix.Users * d];
        var items = new float[(long)matrix.Items * d];
        var random = SeededRandom.For(data.Seed, 0x69414C53, 0);
        float deviation = 0.1f / MathF.Sqrt(d);
        for (int k = 0; k < items.Length; k++)
        {
            items[k] = (float)random.Normal() * deviation;
        }

        float[]? anchors = null;
        if (start is { } from)
        {
            from.Fit.CopyRows(from.Factors, items, d);
            anchors = (float[])items.Clone();
        }

        for (int epoch = 0; epoch < epochs; epoch++)
        {
            Solve(people, items, d, unobserved, matrix.Users, matrix.Items, regularisation, power, matrix.RowLength, (user, rows, targets) =>
            {
                int at = 0;
                foreach (HistoryEntry entry in matrix.Row(user))
                {
                    targets[at] = 1;
                    items.AsSpan(entry.Item * d, d).CopyTo(rows.AsSpan(at++ * d));
                }
            }, null);
            Solve(items, people, d, unobserved, matrix.Items, matrix.Users, regularisation, power, matrix.Degree, (item, rows, targets) =>
            {
                int at = 0;
                foreach (int user in matrix.UsersOf(item))
                {
                    targets[at] = TargetOf(matrix, user, item);
                    people.AsSpan(user * d, d).CopyTo(rows.AsSpan(at++ * d));
                }
            }, anchors is null ? null : item => start!.Value.Fit.Knows(item) ? anchors.AsSpan(item * d, d) : default);
        }

        return new FactorScorer(items, d, unobserved, regularisation, power);
    }

    /// <summary>Where a row is drawn to; none for nowhere.</summary>
    private delegate ReadOnlySpan<float> AnchorOf(int row);

    private static void Solve(
        float[] target, float[] source, int d, float unobserved, int count, int others, float regularisation, float power, Func<int, int> lengthOf, Action<int, float[], float[]> gather, AnchorOf? anchorOf)
    {
        float[] gram = FactorScorer.WeightedGram(source, d, unobserved);
        Parallel.For(
            0,
            count,
            () => (System: new float[d * d], Rows: Array.Empty<float>(), Targets: Array.Empty<float>()),
            (row, _, scratch) =>
            {
                int length = lengthOf(row);
                if (scratch.Rows.Length < length * d)
                {
                    (scratch.Rows, scratch.Targets) = (new float[length * d * 2], new float[length * 2]);
                }

                gather(row, scratch.Rows, scratch.Targets);
                float penalty = FactorScorer.Penalty(regularisation, power, unobserved, length, others);
                FactorScorer.SolveOne(gram, scratch.Rows.AsSpan(0, length * d), scratch.System, target.AsSpan(row * d, d), penalty, scratch.Targets.AsSpan(0, length), anchorOf is null ? default : anchorOf(row), RefitAnchor * penalty);
                return scratch;
            },
            _ => { });
    }

    private static Hyperparameters Moved(Hyperparameters from, string name, double value) => from.With(new Dictionary<string, double> { [name] = value });

    private static double Rounded(double value) => value <= 0 ? 0 : Math.Round(value, 2 - (int)Math.Floor(Math.Log10(value)));

    /// <summary>
    /// What the two weights mean for so many people, items and interactions. The same numbers that suit a dense matrix are so strict in a sparse one that every factor becomes zero.
    /// </summary>
    private sealed class Scale
    {
        private readonly double _people, _items, _history, _takers;

        public Scale(InteractionMatrix matrix)
        {
            (_people, _items) = (Enumerable.Range(0, matrix.Users).Count(user => matrix.RowLength(user) > 0), Enumerable.Range(0, matrix.Items).Count(item => matrix.Degree(item) > 0));
            (_history, _takers) = (matrix.Count / Math.Max(1, _people), matrix.Count / Math.Max(1, _items));
        }

        /// <param name="unobserved">Weight of all that somebody did not take, as a multiple of that of what they took.</param>
        /// <param name="strictness">
        /// The geometric mean of a typical person's and a typical item's penalty, as a share of the largest singular value of a random matrix with as many entries:
        /// what is not stronger than chance is not learned at 1.
        /// </param>
        public Hyperparameters Setting(double unobserved, double strictness)
        {
            double weight = Rounded(Math.Min(0.5, unobserved * _history / Math.Max(1, _items)));
            double chance = Math.Sqrt(_history) + Math.Sqrt(_takers);
            return Hyperparameters.Of(("dimensions", 64), ("epochs", 10), ("unobserved", weight), ("regularisation", Rounded(strictness * chance / Held(weight))));
        }

        /// <summary>Another weight of what was not taken with a penalty that is as strict.</summary>
        public Hyperparameters Moved(Hyperparameters from, double unobserved) => ImplicitFactorLearner.Moved(
            ImplicitFactorLearner.Moved(from, "unobserved", Rounded(unobserved)), "regularisation", Rounded(from["regularisation"] * Held(from["unobserved"]) / Held(unobserved)));

        /// <summary>The geometric mean of the penalties of a typical person and item at a regularisation of 1.</summary>
        private double Held(double weight) => Math.Sqrt((_history + (weight * _items)) * (_takers + (weight * _people)));
    }
}
