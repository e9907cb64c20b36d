using KnowledgePay.Learning.Simulation;

namespace KnowledgePay.Learning.Segments;

/// <summary>A small fully connected network: leaky rectifiers inside, linear at the end, trained by AdamW (Loshchilov and Hutter 2019).</summary>
/// <remarks>Works on batches held one row behind the other. Single-threaded, so that the same seed gives the same weights to the bit.</remarks>
internal sealed class NeuralNetwork
{
    private const double Leak = 0.2;

    private readonly int[] _sizes;
    private readonly double[][] _weights;
    private readonly double[][] _biases;
    private readonly double[][] _weightGradients;
    private readonly double[][] _biasGradients;
    private readonly double[][] _moments;
    private readonly double[][] _activations;
    private int _steps;

    /// <param name="sizes">Inputs, then the neurons of each layer.</param>
    public NeuralNetwork(int[] sizes, SeededRandom random)
    {
        _sizes = sizes;
        int layers = sizes.Length - 1;
        _weights = new double[layers][];
        _biases = new double[layers][];
        _weightGradients = new double[layers][];
        _biasGradients = new double[layers][];
        _moments = new double[layers * 4][];
        _activations = new double[sizes.Length][];
        for (int l = 0; l < layers; l++)
        {
            _weights[l] = new double[sizes[l] * sizes[l + 1]];
            _biases[l] = new double[sizes[l + 1]];
            _weightGradients[l] = new double[_weights[l].Length];
            _biasGradients[l] = new double[_biases[l].Length];
            _moments[4 * l] = new double[_weights[l].Length];
            _moments[(4 * l) + 1] = new double[_weights[l].Length];
            _moments[(4 * l) + 2] = new double[_biases[l].Length];
            _moments[(4 * l) + 3] = new double[_biases[l].Length];
            double scale = Math.Sqrt(2.0 / sizes[l]);
            foreach (ref double weight in _weights[l].AsSpan())
            {
                weight = scale * random.Normal();
            }
        }
    }

    public int Outputs => _sizes[^1];

    public double[][] Weights => _weights;

    public double[][] WeightGradients => _weightGradients;

    public double[][] Biases => _biases;

    public double[][] BiasGradients => _biasGradients;

    /// <summary>Outputs of a batch; good until the next call. What <see cref="Backward"/> needs is kept.</summary>
    public double[] Forward(double[] inputs, int batch)
    {
        _activations[0] = inputs;
        for (int l = 0; l < _weights.Length; l++)
        {
            (int from, int to) = (_sizes[l], _sizes[l + 1]);
            if (_activations[l + 1] is null || _activations[l + 1].Length != batch * to)
            {
                _activations[l + 1] = new double[batch * to];
            }

            bool isLast = l == _weights.Length - 1;
            for (int b = 0; b < batch; b++)
            {
                Span<double> output = _activations[l + 1].AsSpan(b * to, to);
                _biases[l].CopyTo(output);
                ReadOnlySpan<double> input = _activations[l].AsSpan(b * from, from);
                for (int i = 0; i < from; i++)
                {
                    double x = input[i];
                    ReadOnlySpan<double> row = _weights[l].AsSpan(i * to, to);
                    for (int j = 0; j < output.Length; j++)
                    {
                        output[j] += x * row[j];
                    }
                }

                for (int j = 0; !isLast && j < output.Length; j++)
                {
                    output[j] = output[j] > 0 ? output[j] : Leak * output[j];
                }
            }
        }

        return _activations[^1];
    }

    public void ClearGradients()
    {
        foreach (double[] gradient in _weightGradients.Concat(_biasGradients))
        {
            Array.Clear(gradient);
        }
    }

    /// <summary>Adds the gradients of the last batch; returns the gradient by input.</summary>
    /// <param name="outputGradient">Of the loss by each output.</param>
    public double[] Backward(double[] outputGradient, int batch)
    {
        double[] gradient = outputGradient;
        for (int l = _weights.Length - 1; l >= 0; l--)
        {
            (int from, int to) = (_sizes[l], _sizes[l + 1]);
            double[] next = new double[batch * from];
            for (int b = 0; b < batch; b++)
            {
                Span<double> outer = gradient.AsSpan(b * to, to);
                if (l < _weights.Length - 1)
                {
                    ReadOnlySpan<double> output = _activations[l + 1].AsSpan(b * to, to);
                    for (int j = 0; j < to; j++)
                    {
                        outer[j] *= output[j] > 0 ? 1 : Leak;
                    }
                }

                for (int j = 0; j < to; j++)
                {
                    _biasGradients[l][j] += outer[j];
                }

                ReadOnlySpan<double> input = _activations[l].AsSpan(b * from, from);
                for (int i = 0; i < from; i++)
                {
                    Span<double> into = _weightGradients[l].AsSpan(i * to, to);
                    ReadOnlySpan<double> row = _weights[l].AsSpan(i * to, to);
                    double x = input[i];
                    double sum = 0;
                    for (int j = 0; j < outer.Length; j++)
                    {
                        into[j] += x * outer[j];
                        sum += row[j] * outer[j];
                    }

                    next[(b * from) + i] = sum;
                }
            }

            gradient = next;
        }

        return gradient;
    }

    /// <summary>One step of AdamW by the gradients so far.</summary>
    public void Step(double rate, double decay, double beta1 = 0.5, double beta2 = 0.999)
    {
        _steps++;
        double c1 = 1 - Math.Pow(beta1, _steps);
        double c2 = 1 - Math.Pow(beta2, _steps);
        for (int l = 0; l < _weights.Length; l++)
        {
            Update(_weights[l], _weightGradients[l], _moments[4 * l], _moments[(4 * l) + 1], decay);
            Update(_biases[l], _biasGradients[l], _moments[(4 * l) + 2], _moments[(4 * l) + 3], 0);
        }

        void Update(double[] values, double[] gradients, double[] first, double[] second, double shrink)
        {
            for (int i = 0; i < values.Length; i++)
            {
                first[i] = (beta1 * first[i]) + ((1 - beta1) * gradients[i]);
                second[i] = (beta2 * second[i]) + ((1 - beta2) * gradients[i] * gradients[i]);
                values[i] -= rate * ((first[i] / c1 / (Math.Sqrt(second[i] / c2) + 1e-8)) + (shrink * values[i]));
            }
        }
    }
}
