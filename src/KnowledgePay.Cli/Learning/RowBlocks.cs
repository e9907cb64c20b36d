namespace KnowledgePay.Cli.Learning;

/// <summary>Works on the rows of a table on all cores, and writes them in order.</summary>
internal static class RowBlocks
{
    private const int BlockRows = 2048;

    public static void Run<T>(int rows, Func<int, T> work, Action<int, T> write, Action<int> progress, CancellationToken cancellation)
    {
        var block = new T[Math.Min(BlockRows, rows)];
        for (int start = 0; start < rows; start += block.Length)
        {
            int from = start;
            int count = Math.Min(block.Length, rows - start);
            Parallel.For(0, count, new ParallelOptions { CancellationToken = cancellation, MaxDegreeOfParallelism = Environment.ProcessorCount }, i => block[i] = work(from + i));
            for (int i = 0; i < count; i++)
            {
                write(start + i, block[i]);
            }

            progress(start + count);
        }
    }
}
