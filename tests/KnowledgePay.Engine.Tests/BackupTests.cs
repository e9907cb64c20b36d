using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace KnowledgePay.Engine.Tests;

/// <summary>The embedded store is copied while it is in use, and restored; its master key is changed.</summary>
public sealed class BackupTests
{
    private int _made;

    [Fact]
    public async Task A_copy_taken_under_load_has_all_that_was_acknowledged_before_and_who_was_erased_since_stays_erased()
    {
        string backup = Directory.CreateTempSubdirectory("kpay-backup-").FullName;
        try
        {
            await using var engine = new EngineProcess();
            await engine.Start();
            await PutCourse(engine);
            string[] before = [.. await Send(engine, "kept", 400), .. await Send(engine, "erased", 100)];
            using var stop = new CancellationTokenSource();
            Task load = Task.Run(
                async () =>
                {
                    while (!stop.IsCancellationRequested)
                    {
                        await Send(engine, "kept", 20);
                    }
                },
                Cancellation);
            (int exitCode, string output) = await Run("backup", "--data", engine.Data, "--to", backup);
            Assert.True(exitCode == 0, output);
            await stop.CancelAsync();
            await load;
            // A second backup does not overwrite the first.
            Assert.Equal(1, (await Run("backup", "--data", engine.Data, "--to", backup)).ExitCode);
            using (HttpResponseMessage erased = await engine.Http.DeleteAsync("/v1/users/erased", Cancellation))
            {
                erased.EnsureSuccessStatusCode();
            }

            // The disk with the data is lost; the keys are elsewhere, as they are now.
            await engine.Stop();
            File.Delete(Path.Combine(engine.Data, "engine.db"));
            File.Move(Path.Combine(backup, "engine.db"), Path.Combine(engine.Data, "engine.db"));
            await engine.Start();

            Assert.Equal(HttpStatusCode.NotFound, (await engine.Http.GetAsync("/v1/users/erased", Cancellation)).StatusCode);
            Assert.Equal((0, before.Length), await Post(engine, before));
            using JsonDocument kept = JsonDocument.Parse(await engine.Http.GetStringAsync("/v1/users/kept", Cancellation));
            Assert.True(kept.RootElement.GetProperty("sequence").GetInt64() >= 400);
            await Send(engine, "kept", 10);
            await Send(engine, "erased", 10);
        }
        finally
        {
            Directory.Delete(backup, recursive: true);
        }
    }

    [Fact]
    public async Task The_master_key_is_changed_beside_the_work_and_the_old_one_opens_nothing_any_more()
    {
        string next = Convert.ToBase64String(RandomNumberGenerator.GetBytes(32));
        string data = Directory.CreateTempSubdirectory("kpay-engine-").FullName;
        string file = Path.Combine(data, "keys", "master.key");
        string copy = Directory.CreateTempSubdirectory("kpay-keys-").FullName;
        var first = new EngineProcess(data);
        await first.Start();
        await PutCourse(first);
        string[] events = await Send(first, "somebody", 50);
        Assert.Equal(0, (await Run("backup", "--keys", "--data", data, "--to", copy)).ExitCode);
        Assert.Equal(["keys.db", "master.key"], Directory.GetFiles(copy).Select(Path.GetFileName).Order());
        Directory.Delete(copy, recursive: true);
        await first.Stop();
        string old = await File.ReadAllTextAsync(file, Cancellation);

        var rotating = new EngineProcess(data, ("KnowledgePay__Security__MasterKey", next), ("KnowledgePay__Security__PreviousMasterKeys__0", old));
        await rotating.Start();
        Assert.Equal((0, events.Length), await Post(rotating, events));
        for (int tries = 0; !rotating.Output.Contains("Everything is wrapped by the present master key", StringComparison.Ordinal); tries++)
        {
            Assert.True(tries < 600, rotating.Output);
            await Task.Delay(100, Cancellation);
        }

        await rotating.Stop();
        // Without the setting, the file's is the master key.
        var outdated = new EngineProcess(data);
        InvalidOperationException refused = await Assert.ThrowsAsync<InvalidOperationException>(outdated.Start);
        Assert.Contains("The master key is not the one", refused.Message, StringComparison.Ordinal);

        File.Delete(file);
        await using var last = new EngineProcess(data, ("KnowledgePay__Security__MasterKey", next));
        await last.Start();
        Assert.Equal((0, events.Length), await Post(last, events));
        using JsonDocument person = JsonDocument.Parse(await last.Http.GetStringAsync("/v1/users/somebody", Cancellation));
        Assert.Equal(50, person.RootElement.GetProperty("sequence").GetInt64());
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static async Task PutCourse(EngineProcess engine)
    {
        using var course = new StringContent("""{"title":"Course","listPrice":{"currency":"CNY","minorUnits":9900}}""", Encoding.UTF8, "application/json");
        using HttpResponseMessage put = await engine.Http.PutAsync("/v1/courses/c1", course, Cancellation);
        put.EnsureSuccessStatusCode();
    }

    private async Task<string[]> Send(EngineProcess engine, string person, int count)
    {
        string[] lines =
        [
            .. Enumerable.Range(0, count).Select(_ => $$$"""{"specversion":"1.0","type":"knowledgepay.course.viewed","source":"/backup","id":"e{{{Interlocked.Increment(ref _made)}}}","subject":"{{{person}}}","data":{"courseId":"c1"} }"""),
        ];
        Assert.Equal((count, 0), await Post(engine, lines));
        return lines;
    }

    private static async Task<(long Accepted, long Duplicates)> Post(EngineProcess engine, IEnumerable<string> lines)
    {
        using HttpResponseMessage answer = await engine.Http.PostAsync(
            "/v1/events", new StringContent(string.Join('\n', lines), Encoding.UTF8, new MediaTypeHeaderValue("application/x-ndjson")), Cancellation);
        answer.EnsureSuccessStatusCode();
        using JsonDocument receipt = JsonDocument.Parse(await answer.Content.ReadAsStreamAsync(Cancellation));
        return (receipt.RootElement.GetProperty("accepted").GetInt64(), receipt.RootElement.GetProperty("duplicates").GetInt64());
    }

    private static async Task<(int ExitCode, string Output)> Run(params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "KnowledgePay.Server.dll"), .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };
        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync(Cancellation);
        string output = await process.StandardOutput.ReadToEndAsync(Cancellation);
        await process.WaitForExitAsync(Cancellation);
        return (process.ExitCode, output + await errors);
    }
}
