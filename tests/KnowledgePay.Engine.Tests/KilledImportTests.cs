using System.Diagnostics;
using System.Globalization;
using System.IO.Compression;
using System.Text;
using System.Text.Json;

namespace KnowledgePay.Engine.Tests;

/// <summary>SIGKILL in the middle of <c>kpay import</c>, again and again: the import goes on by itself, and what was acknowledged is there, once.</summary>
public class KilledImportTests
{
    private const int Kills = 10;
    private const int Rows = 60_000;
    private const int Seed = 20261126;

    private static readonly TimeSpan LongestBetweenKills = TimeSpan.FromMilliseconds(250);

    private static CancellationToken Ending => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_acknowledged_interaction_is_there_once_after_each_of_ten_kills()
    {
        await using var engine = new EngineProcess();
        await engine.Start();
        (string user, string course)[] rows = await Interactions();
        string interactions = Path.Combine(engine.Data, "interactions.csv");
        await File.WriteAllLinesAsync(interactions, rows.Select(r => $"{r.user},{r.course}").Prepend("user,item"), Ending);
        await PutCourses(engine, rows.Select(r => r.course).Distinct());

        string log = Path.Combine(engine.Data, "acknowledged.csv");
        using Process import = Import(engine, interactions, log);
        Task<string> errors = import.StandardError.ReadToEndAsync(Ending);
        Task<string> output = import.StandardOutput.ReadToEndAsync(Ending);
        var random = new Random(Seed);
        int killedAtWork = 0;
        for (int kill = 0; kill < Kills; kill++)
        {
            await UntilAcknowledgedMore(import, log);
            Assert.True(File.Exists(log), import.HasExited ? await errors + await output : "The import acknowledged nothing.");
            await Task.Delay(random.Next((int)LongestBetweenKills.TotalMilliseconds), Ending);
            killedAtWork += import.HasExited ? 0 : 1;
            await engine.Kill();

            // It stands still while what it sent is looked at: else a quick machine is through with it before the last kill.
            await Signal(import, "STOP");
            // What is in the log was acknowledged before the kill, or is about a batch whose answer had left by then.
            HashSet<int> acknowledged = await Acknowledged(log);
            await engine.Start();
            await HoldsOnce(engine, rows, acknowledged, random);
            await Signal(import, "CONT");
        }

        Assert.True(killedAtWork == Kills, $"Only {killedAtWork} of {Kills} kills hit the import: it was done too soon.");
        await import.WaitForExitAsync(Ending);
        Assert.True(import.ExitCode == 0, await errors + await output);
        Assert.Equal(rows.Length, (await Acknowledged(log)).Count);

        // All of it is there, and sent once more nothing is new.
        using Process again = Import(engine, interactions, log + ".again");
        string said = await again.StandardOutput.ReadToEndAsync(Ending);
        await again.WaitForExitAsync(Ending);
        Assert.True(again.ExitCode == 0, said);
        (long accepted, long duplicates) = (0, 0);
        foreach (string line in await File.ReadAllLinesAsync(log + ".again", Ending))
        {
            string[] fields = line.Split(',');
            accepted += long.Parse(fields[2], CultureInfo.InvariantCulture);
            duplicates += long.Parse(fields[3], CultureInfo.InvariantCulture);
        }

        Assert.Equal((0, rows.Length), (accepted, duplicates));
        await HoldsOnce(engine, rows, [.. Enumerable.Range(0, rows.Length)], random);
    }

    /// <summary>Reads the journals of some people back: what was acknowledged of each is there, and nothing twice.</summary>
    private static async Task HoldsOnce(EngineProcess engine, (string User, string Course)[] rows, HashSet<int> acknowledged, Random random)
    {
        const int asked = 60;
        ILookup<string, int> byUser = acknowledged.ToLookup(row => rows[row].User);
        string[] people = [.. byUser.Select(g => g.Key).Order(StringComparer.Ordinal)];
        random.Shuffle(people);
        foreach (string user in people.Take(asked))
        {
            using JsonDocument export = JsonDocument.Parse(await engine.Http.GetStringAsync($"/v1/users/{user}/export", Ending));
            string[] held = [.. export.RootElement.GetProperty("events").EnumerateArray().Select(e => e.GetProperty("id").GetString()!)];
            Assert.Equal(held.Length, held.Distinct().Count());
            List<string> courses = [.. export.RootElement.GetProperty("events").EnumerateArray().Select(e => e.GetProperty("data").GetProperty("courseId").GetString()!)];
            foreach (int row in byUser[user])
            {
                Assert.True(courses.Remove(rows[row].Course), $"{user}'s {rows[row].Course} (row {row}) was acknowledged and is not there.");
            }

            // The rest was sent and not acknowledged: it is this person's too, and no repeat.
            List<string> sent = [.. rows.Where(r => r.User == user).Select(r => r.Course)];
            foreach (int row in byUser[user])
            {
                sent.Remove(rows[row].Course);
            }

            Assert.All(courses, course => Assert.True(sent.Remove(course), $"{user} has {course} more often than it was sent."));
        }
    }

    /// <summary>Rows (from 0) that the import's log names; the file's first line is the header.</summary>
    private static async Task<HashSet<int>> Acknowledged(string log)
    {
        HashSet<int> rows = [];
        foreach (string line in await File.ReadAllLinesAsync(log, Ending))
        {
            string[] fields = line.Split(',');
            int first = int.Parse(fields[0], CultureInfo.InvariantCulture), last = int.Parse(fields[1], CultureInfo.InvariantCulture);
            for (int at = first; at <= last; at++)
            {
                rows.Add(at - 2);
            }
        }

        return rows;
    }

    private static async Task Signal(Process process, string name)
    {
        if (!process.HasExited)
        {
            using Process kill = Process.Start("kill", ["-" + name, process.Id.ToString(CultureInfo.InvariantCulture)])!;
            await kill.WaitForExitAsync(Ending);
        }
    }

    private static async Task UntilAcknowledgedMore(Process import, string log)
    {
        long before = File.Exists(log) ? new FileInfo(log).Length : 0;
        while (!import.HasExited && (!File.Exists(log) || new FileInfo(log).Length == before))
        {
            await Task.Delay(5, Ending);
        }
    }

    private static Process Import(EngineProcess engine, string file, string log) => Process.Start(new ProcessStartInfo(
        "dotnet",
        [
            Path.Combine(AppContext.BaseDirectory, "kpay.dll"), "import", file, "--as", "interactions", "--server", engine.Url.ToString(), "--key", EngineProcess.OperatorKey,
            "--batch", "250", "--parallel", "2", "--ack-log", log,
        ])
    { RedirectStandardError = true, RedirectStandardOutput = true })!;

    private static async Task PutCourses(EngineProcess engine, IEnumerable<string> courses)
    {
        string lines = string.Join('\n', courses.Select(c => $$$"""{"id":"{{{c}}}","title":"{{{c}}}","listPrice":{"currency":"CNY","minorUnits":9900}}"""));
        using var content = new StringContent(lines, Encoding.UTF8, "application/x-ndjson");
        using HttpResponseMessage put = await engine.Http.PostAsync("/v1/courses", content, Ending);
        Assert.True(put.IsSuccessStatusCode, await put.Content.ReadAsStringAsync(Ending));
    }

    /// <summary>The head of the courses' data set where it is, else drawn: a few popular courses, many rare ones, and people who come back.</summary>
    private static async Task<(string User, string Course)[]> Interactions()
    {
        if (Find("shared/data/mooc/train.csv.gz") is { } file)
        {
            await using FileStream packed = File.OpenRead(file);
            await using var stream = new GZipStream(packed, CompressionMode.Decompress);
            using var reader = new StreamReader(stream);
            List<(string, string)> read = [];
            await reader.ReadLineAsync(Ending);
            while (read.Count < Rows && await reader.ReadLineAsync(Ending) is { } line)
            {
                string[] fields = line.Split(',');
                read.Add((fields[0], fields[1]));
            }

            return [.. read];
        }

        var random = new Random(Seed);
        return [.. Enumerable.Range(0, Rows).Select(_ => ($"u{random.Next(Rows / 5)}", $"c{(int)(Math.Pow(random.NextDouble(), 3) * 500)}"))];
    }

    private static string? Find(string relative)
    {
        for (DirectoryInfo? at = new(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            string candidate = Path.Combine(at.FullName, relative);
            if (File.Exists(candidate))
            {
                return candidate;
            }
        }

        return null;
    }
}
