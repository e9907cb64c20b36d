using System.Globalization;
using System.Text;
using KnowledgePay.Storage;

namespace KnowledgePay.Server.Hosting;

/// <summary>Work that one silo of all does from time to time. Silos agree by a document of the last turn: whoever writes it first has the turn.</summary>
public sealed class ScheduledTurns(IEngineStore store, TimeProvider time)
{
    private static readonly TimeSpan LookAtMost = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan LookAtLeast = TimeSpan.FromMilliseconds(250);

    /// <summary>How often to look whether a turn has come.</summary>
    public static TimeSpan LookEvery(TimeSpan every) => TimeSpan.FromTicks(Math.Clamp(every.Ticks / 4, LookAtLeast.Ticks, LookAtMost.Ticks));

    /// <summary>Whether the turn of a work has come and this silo has it.</summary>
    /// <param name="kind">Kind of the documents that turns of the sort are kept in.</param>
    public async Task<bool> Take(string kind, string work, TimeSpan every, CancellationToken cancellation)
    {
        DateTimeOffset now = time.GetUtcNow();
        Document? last = await store.Documents.Find(kind, work, cancellation);
        if (last is not null && now - DateTimeOffset.Parse(Encoding.ASCII.GetString(last.Body), CultureInfo.InvariantCulture) is var ago && ago < every && ago > -every)
        {
            return false;
        }

        try
        {
            await store.Documents.Put(kind, [new DocumentWrite(work, Encoding.ASCII.GetBytes(now.ToString("O", CultureInfo.InvariantCulture)), last?.Version ?? 0)], cancellation);
            return true;
        }
        catch (DocumentConflictException)
        {
            return false;
        }
    }
}
