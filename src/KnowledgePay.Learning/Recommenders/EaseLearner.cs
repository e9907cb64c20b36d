using System.Numerics.Tensors;
using KnowledgePay.Decisions.Recommending.Models;
using KnowledgePay.Learning.Interactions;
using KnowledgePay.Learning.Numerics;

namespace KnowledgePay.Learning.Recommenders;

/// <summary>EASE (Steck 2019): ridge regression of each item on all others, in closed form: <c>B = I − P·diag(1/P_jj)</c>, <c>P = (XᵀX + Λ)⁻¹</c>.</summary>
/// <remarks>
/// Settings: <c>lambda</c>; <c>dropout</c> p adds <c>p/(1−p)·d_i</c> to an item's λ (EDLAE, Steck 2020); <c>lengthPower</c> weighs a person's row by h^(−power), so that long
/// histories do not speak for everybody; <c>content</c> adds that much of the items' content similarity to XᵀX, as if features were people who took the items that have them.
/// Beyond <see cref="TrainingData.MostDenseItems"/> items the most taken ones have weights; others have score 0 and rank by popularity among each other.
/// </remarks>
/// <param name="extended">Whether validation may choose dropout, length power and content too, and not only λ.</param>
public sealed class EaseLearner(bool extended = false) : IRecommenderLearner
{
    public string Algorithm => "ease";

    public IReadOnlyList<Hyperparameters> Choices(TrainingData data)
    {
        double mean = (double)data.Matrix.Count / Math.Max(1, data.Matrix.Items);
        double[] shares = [2.0, 0.5];
        return [.. shares.Select(share => Hyperparameters.Of(("lambda", Nice(share * Math.Max(1, mean)))))];
    }

    public IReadOnlyList<Hyperparameters> Around(Hyperparameters best, TrainingData data)
    {
        double lambda = best["lambda"];
        List<Hyperparameters> near = [Moved(best, "lambda", Nice(lambda * 2)), Moved(best, "lambda", Nice(lambda / 2))];
        if (extended)
        {
            double power = best.Get("lengthPower", 0), dropout = best.Get("dropout", 0), content = best.Get("content", 0);
            near.Add(Moved(best, "lengthPower", power + 0.25).With(Scaled(lambda, data, -0.25)));
            near.Add(Moved(best, "dropout", Math.Round((1 + dropout) / 2, 3)));
            if (data.Features is not null)
            {
                near.Add(Moved(best, "content", content == 0 ? lambda / 4 : content * 2));
            }
        }

        return near;
    }

    /// <summary>The smaller penalty: a larger one leans on what everybody takes, which held-out parts of the same histories reward more than what comes later does.</summary>
    public bool Prefers(Hyperparameters one, Hyperparameters other) =>
        one["lambda"] < other["lambda"] && Moved(one, "lambda", 0).ToString() == Moved(other, "lambda", 0).ToString();

    public IHistoryScorer Fit(TrainingData data, Hyperparameters settings)
    {
        int[] covered = data.DenseItems;
        int n = covered.Length;
        double lambda = settings["lambda"], dropout = settings.Get("dropout", 0), content = settings.Get("content", 0);
        double[] a = (double[])data.Gram(settings.Get("lengthPower", 0)).Clone();
        if (content > 0 && data.Features is { } features)
        {
            features.AddSimilarity(a, covered, content);
        }

        for (int i = 0; i < n; i++)
        {
            ref double diagonal = ref a[((long)i * n) + i];
            diagonal += lambda + (dropout / (1 - dropout) * diagonal);
        }

        SymmetricInverse.Invert(a, n);
        float[] weights = Weights(a, n);
        if (data.Matrix.Weights is { Count: > 0 })
        {
            AddCounting(weights, a, covered, data.Matrix, settings.Get("lengthPower", 0));
        }

        return new ItemWeightScorer(data.Matrix.Items, covered, weights);
    }

    /// <summary>
    /// Where interactions count w, the loss <c>w·(1 − ŷ)² + (1 − w)·ŷ²</c> is that of the target w instead of 1 (Saito et al. 2020): with D = Xᵀ((W − 1)∘X) and P the inverse,
    /// <c>B_ij = (P·D)_ij − P_ij·(1 + (P·D)_jj)/P_jj</c>, of which the part without D is there already.
    /// </summary>
    private static void AddCounting(float[] weights, double[] inverse, int[] covered, InteractionMatrix matrix, double lengthPower)
    {
        int n = covered.Length;
        var columnOf = new int[matrix.Items];
        Array.Fill(columnOf, -1);
        for (int c = 0; c < n; c++)
        {
            columnOf[covered[c]] = c;
        }

        Parallel.For(0, n, () => (Added: new double[n], Product: new double[n]), (j, _, scratch) =>
        {
            Array.Clear(scratch.Added);
            bool counts = false;
            foreach (int user in matrix.UsersOf(covered[j]))
            {
                double more = matrix.Weights!.Of(user, covered[j]) - 1;
                if (more != 0)
                {
                    counts = true;
                    more *= lengthPower == 0 ? 1 : Math.Pow(matrix.RowLength(user), -lengthPower);
                    foreach (HistoryEntry entry in matrix.Row(user))
                    {
                        if (columnOf[entry.Item] >= 0)
                        {
                            scratch.Added[columnOf[entry.Item]] += more;
                        }
                    }
                }
            }

            if (!counts)
            {
                return scratch;
            }

            Array.Clear(scratch.Product);
            for (int k = 0; k < n; k++)
            {
                if (scratch.Added[k] != 0)
                {
                    TensorPrimitives.MultiplyAdd(inverse.AsSpan(k * n, n), scratch.Added[k], scratch.Product, scratch.Product);
                }
            }

            for (int i = 0; i < n; i++)
            {
                if (i != j)
                {
                    weights[((long)i * n) + j] += (float)(scratch.Product[i] - (inverse[((long)i * n) + j] * scratch.Product[j] / inverse[((long)j * n) + j]));
                }
            }

            return scratch;
        }, _ => { });
    }

    private static float[] Weights(double[] inverse, int n)
    {
        var weights = new float[(long)n * n];
        Parallel.For(0, n, i =>
        {
            for (int j = 0; j < n; j++)
            {
                weights[((long)i * n) + j] = i == j ? 0f : (float)(-inverse[((long)i * n) + j] / inverse[((long)j * n) + j]);
            }
        });
        return weights;
    }

    private static Hyperparameters Moved(Hyperparameters from, string name, double value) => from.With(new Dictionary<string, double> { [name] = value });

    /// <summary>Rows that weigh less take a smaller λ.</summary>
    private static Dictionary<string, double> Scaled(double lambda, TrainingData data, double power)
    {
        double length = Math.Max(1, (double)data.Matrix.Count / Math.Max(1, data.Matrix.Users));
        return new() { ["lambda"] = Nice(lambda * Math.Pow(length, power)) };
    }

    /// <summary>Two leading digits are enough for a penalty.</summary>
    private static double Nice(double value)
    {
        double unit = Math.Pow(10, Math.Floor(Math.Log10(value)) - 1);
        return Math.Round(value / unit) * unit;
    }
}
