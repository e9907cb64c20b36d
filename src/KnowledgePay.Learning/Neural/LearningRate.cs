namespace KnowledgePay.Learning.Neural;

/// <summary>Linear warm-up, then half a cosine to nothing.</summary>
internal static class LearningRate
{
    private const double WarmUpShare = 0.05;

    public static float At(long step, long steps, float peak)
    {
        double done = (double)step / Math.Max(1, steps);
        return (float)(peak * (done < WarmUpShare ? (done + (1.0 / steps)) / WarmUpShare : 0.5 * (1 + Math.Cos(Math.PI * (done - WarmUpShare) / (1 - WarmUpShare)))));
    }
}
