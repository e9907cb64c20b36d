namespace KnowledgePay.Learning.Measures;

/// <summary>Turns a classifier's margin into a probability, σ(slope·margin + offset): Platt's method by Newton steps with a line search (Lin, Lin and Weng, Machine Learning 68, 2007).</summary>
/// <param name="Slope">Of the log-odds.</param>
/// <param name="Offset">Of the log-odds.</param>
internal readonly record struct PlattScaling(double Slope, double Offset)
{
    private const int StepsMax = 100;

    public double Probability(double margin) => 1 / (1 + Math.Exp(-((Slope * margin) + Offset)));

    public static PlattScaling Fit(ReadOnlySpan<double> margin, ReadOnlySpan<bool> outcome)
    {
        int positives = 0;
        foreach (bool o in outcome)
        {
            positives += o ? 1 : 0;
        }

        // Targets short of 0 and 1, as Platt has them, so that a separable sample has a finite answer.
        double high = (positives + 1.0) / (positives + 2.0);
        double low = 1.0 / (outcome.Length - positives + 2.0);
        double a = 0;
        double b = Math.Log((positives + 1.0) / (outcome.Length - positives + 1.0));
        double loss = Loss(margin, outcome, high, low, a, b);
        for (int step = 0; step < StepsMax; step++)
        {
            double ga = 0, gb = 0, haa = 1e-12, hab = 0, hbb = 1e-12;
            for (int i = 0; i < margin.Length; i++)
            {
                double p = 1 / (1 + Math.Exp(-((a * margin[i]) + b)));
                double residual = p - (outcome[i] ? high : low);
                double w = p * (1 - p);
                ga += residual * margin[i];
                gb += residual;
                haa += w * margin[i] * margin[i];
                hab += w * margin[i];
                hbb += w;
            }

            if (Math.Abs(ga) < 1e-7 * margin.Length && Math.Abs(gb) < 1e-7 * margin.Length)
            {
                break;
            }

            double determinant = (haa * hbb) - (hab * hab);
            double da = -((hbb * ga) - (hab * gb)) / determinant;
            double db = -((haa * gb) - (hab * ga)) / determinant;
            double size = 1;
            double next = Loss(margin, outcome, high, low, a + da, b + db);
            while (next > loss && size > 1e-10)
            {
                size /= 2;
                next = Loss(margin, outcome, high, low, a + (size * da), b + (size * db));
            }

            if (next > loss)
            {
                break;
            }

            (a, b, loss) = (a + (size * da), b + (size * db), next);
        }

        return new PlattScaling(a, b);
    }

    private static double Loss(ReadOnlySpan<double> margin, ReadOnlySpan<bool> outcome, double high, double low, double a, double b)
    {
        double loss = 0;
        for (int i = 0; i < margin.Length; i++)
        {
            double logit = (a * margin[i]) + b;
            loss += Math.Max(logit, 0) + Math.Log(1 + Math.Exp(-Math.Abs(logit))) - ((outcome[i] ? high : low) * logit);
        }

        return loss;
    }
}
