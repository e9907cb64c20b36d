using KnowledgePay.Learning.Files;
using KnowledgePay.Learning.Interactions;

namespace KnowledgePay.Learning.Simulation;

/// <summary>How often each course comes into people's view, period by period: real, dated interest instead of a popularity that stays as it is.</summary>
public sealed class CoursePopularity
{
    /// <summary>Periods into which the file's time is cut, each as long as the next.</summary>
    public const int Periods = 40;

    /// <summary>Added to each course's count, so that none is never seen.</summary>
    private const double Least = 0.5;

    // By period: for each course the sum of all up to it.
    private readonly double[][] _cumulative;

    private CoursePopularity(double[][] cumulative)
    {
        _cumulative = cumulative;
    }

    public int Courses => _cumulative[0].Length;

    /// <summary>Reads who was of interest when: a row an occasion. The file's most frequent item is course 0, and so on; courses beyond its items have the least share.</summary>
    /// <param name="path">CSV, gzip by its name.</param>
    /// <param name="itemColumn">Name of the column with the item.</param>
    /// <param name="timeColumn">Name of the column with the date or time.</param>
    /// <exception cref="InputException">The file cannot be read, or a line is wrong.</exception>
    public static CoursePopularity Read(string path, string itemColumn, string timeColumn, int courses)
    {
        using InputFile file = InputFile.Open(path);
        var csv = new CsvReader(file.Content, file.Name);
        int item = Column(csv, file.Name, itemColumn), time = Column(csv, file.Name, timeColumn);
        var items = new IdTable();
        var rows = new List<(int Item, long Ticks)>();
        while (csv.Read())
        {
            if (csv.IsMissing(item) || csv.Field(item).Length > IdTable.LongestId)
            {
                throw csv.Wrong(item, $"{itemColumn} '{csv.Text(item)}': expected an id of 1 to {IdTable.LongestId} characters.");
            }

            if (csv.IsMissing(time) || !Timestamps.TryParse(csv.Text(time), out DateTimeOffset at))
            {
                throw csv.Wrong(time, $"{timeColumn} '{csv.Text(time)}': expected {Timestamps.Expected}.");
            }

            rows.Add((items.Add(csv.Text(item)), at.UtcTicks));
        }

        return rows.Count == 0
            ? throw new InputException(file.Name, csv.Line, 1, "there are no rows; expected at least one.")
            : new CoursePopularity(Counts(rows, items.Count, courses));
    }

    /// <summary>Draws the course that comes into view.</summary>
    /// <param name="share">How much of the simulated time has passed, 0 to 1.</param>
    internal int Draw(double share, SeededRandom random)
    {
        double[] cumulative = _cumulative[Math.Clamp((int)(share * Periods), 0, Periods - 1)];
        int at = Array.BinarySearch(cumulative, random.NextDouble() * cumulative[^1]);
        return Math.Min(cumulative.Length - 1, at < 0 ? ~at : at + 1);
    }

    private static double[][] Counts(List<(int Item, long Ticks)> rows, int items, int courses)
    {
        var totals = new int[items];
        foreach ((int item, _) in rows)
        {
            totals[item]++;
        }

        var rankOf = new int[items];
        int[] order = [.. Enumerable.Range(0, items).OrderByDescending(item => totals[item]).ThenBy(item => item)];
        for (int rank = 0; rank < items; rank++)
        {
            rankOf[order[rank]] = rank;
        }

        long first = rows.Min(row => row.Ticks), length = rows.Max(row => row.Ticks) - first + 1;
        var counts = new double[Periods][];
        for (int period = 0; period < Periods; period++)
        {
            counts[period] = new double[courses];
            Array.Fill(counts[period], Least);
        }

        foreach ((int item, long ticks) in rows)
        {
            if (rankOf[item] < courses)
            {
                counts[(int)((double)(ticks - first) / length * Periods)][rankOf[item]]++;
            }
        }

        foreach (double[] period in counts)
        {
            for (int course = 1; course < courses; course++)
            {
                period[course] += period[course - 1];
            }
        }

        return counts;
    }

    private static int Column(CsvReader csv, string file, string name) => csv.IndexOf(name) is >= 0 and { } found
        ? found
        : throw new InputException(file, 1, 1, $"there is no column '{name}'; there are {string.Join(", ", csv.Header)}.");
}
