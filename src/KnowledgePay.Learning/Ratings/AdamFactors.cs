using System.Numerics.Tensors;
using KnowledgePay.Decisions.Recommending.Models;
using KnowledgePay.Learning.Interactions;
using KnowledgePay.Learning.Simulation;

namespace KnowledgePay.Learning.Ratings;

/// <summary>Biased matrix factorisation by Adam on the squared error, as the source document's §5.2 trains it, with weight decay: a point estimate, and the factors for fold-in.</summary>
internal static class AdamFactors
{
    private const float Beta1 = 0.9f;
    private const float Beta2 = 0.999f;
    private const float Epsilon = 1e-8f;

    /// <param name="decay">λ of <c>(r − r̂)² + λ(b_u² + b_i² + |p_u|² + |q_i|²)</c>.</param>
    public static RatingDraw Learn(RatingTable table, int dimensions, int epochs, float rate, float decay, ulong seed)
    {
        int width = dimensions + 1;
        var random = SeededRandom.For(seed, 0x4164616D, 0);
        float mean = table.Ratings.Average();
        var users = new Side(table.Users, width, random);
        var items = new Side(table.Items, width, random);
        var order = new int[table.Count];
        for (int s = 0; s < order.Length; s++)
        {
            order[s] = s;
        }

        for (int epoch = 0; epoch < epochs; epoch++)
        {
            for (int s = order.Length - 1; s > 0; s--)
            {
                int other = random.Next(s + 1);
                (order[s], order[other]) = (order[other], order[s]);
            }

            // A half cosine to nothing: the last epochs only settle.
            float now = rate * 0.5f * (1 + MathF.Cos(MathF.PI * epoch / epochs));
            foreach (int s in order)
            {
                Span<float> p = users.Row(table.UserOf[s]), q = items.Row(table.ItemOf[s]);
                float error = table.Ratings[s] - mean - p[0] - q[0] - TensorPrimitives.Dot(p[1..], q[1..]);
                for (int f = 0; f < width; f++)
                {
                    float x = p[f], y = q[f];
                    users.Step(table.UserOf[s], f, (-error * (f == 0 ? 1 : y)) + (decay * x), now);
                    items.Step(table.ItemOf[s], f, (-error * (f == 0 ? 1 : x)) + (decay * y), now);
                }
            }
        }

        return new RatingDraw(mean, users.Values, items.Values);
    }

    /// <summary>Parameters of one side with Adam's moments; a row's moments move when it has a rating (lazy Adam).</summary>
    private sealed class Side
    {
        private readonly int _width;
        private readonly float[] _first;
        private readonly float[] _second;
        private readonly int[] _steps;

        public Side(int rows, int width, SeededRandom random)
        {
            _width = width;
            Values = new float[(rows + 1) * width];
            _first = new float[Values.Length];
            _second = new float[Values.Length];
            _steps = new int[rows];
            for (int row = 0; row < rows; row++)
            {
                for (int f = 1; f < width; f++)
                {
                    Values[(row * width) + f] = (float)random.Normal() * 0.1f / MathF.Sqrt(width);
                }
            }
        }

        public float[] Values { get; }

        public Span<float> Row(int row) => Values.AsSpan(row * _width, _width);

        public void Step(int row, int f, float gradient, float rate)
        {
            int at = (row * _width) + f;
            int step = f == 0 ? ++_steps[row] : _steps[row];
            float m = _first[at] = (Beta1 * _first[at]) + ((1 - Beta1) * gradient);
            float v = _second[at] = (Beta2 * _second[at]) + ((1 - Beta2) * gradient * gradient);
            float corrected = m / (1 - MathF.Pow(Beta1, step));
            float scale = MathF.Sqrt(v / (1 - MathF.Pow(Beta2, step))) + Epsilon;
            Values[at] -= rate * corrected / scale;
        }
    }
}
