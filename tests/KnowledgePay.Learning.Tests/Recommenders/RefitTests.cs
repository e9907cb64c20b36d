using KnowledgePay.Decisions.Recommending.Models;
using KnowledgePay.Learning.Files;
using KnowledgePay.Learning.Interactions;
using KnowledgePay.Learning.Neural;
using KnowledgePay.Learning.Ranking;
using KnowledgePay.Learning.Recommenders;

namespace KnowledgePay.Learning.Tests.Recommenders;

/// <summary>Learning that goes on from an earlier model.</summary>
public sealed class RefitTests
{
    private const int Items = 40;

    /// <summary>Taken only in the second part of the time, by those of the first taste.</summary>
    private const int NewItem = 36;

    public static TheoryData<string> Algorithms => ["popularity", "item-cf", "ease", "ials", "hybrid", "two-tower", "self-attention", "sequence", "auto"];

    [Theory]
    [MemberData(nameof(Algorithms))]
    public void What_is_new_is_learned_and_what_was_known_is_not_forgotten(string algorithm)
    {
        using var folder = new TemporaryFolder();
        (InteractionSet before, InteractionSet after) = World();
        EarlierRecommender earlier = Learned(algorithm, before, folder);
        (RecommenderModel model, RecommenderReport report) = Learning(algorithm).Refit(after, null, earlier);

        Assert.Equal(earlier.Chosen, report.Chosen);
        Assert.Equal((after.Matrix.Count - before.Matrix.Count, earlier.Latest), (report.Refit!.NewInteractions, report.Refit.Since));
        Assert.NotNull(report.Refit.Earlier);
        Assert.False(report.Refit.IsWorse);
        if (algorithm == "popularity")
        {
            return;
        }

        // Someone of the second taste, about whom nothing is new, is still understood.
        Assert.InRange(Top(model, [1, 5, 9]).Count(id => int.Parse(id[1..]) % TasteWorld.Tastes == 1), 4, 5);
        // The new item, of which the earlier model had never heard, is ranked for those who take it.
        float[] scores = TasteWorld.Scores(model.Scorer, Known(model, [0, 4, 8]));
        int place = scores.Count(score => score > scores[model.Items.Find($"i{NewItem}")]);
        Assert.True(place < 15, $"{place} items are above the new one.");
    }

    [Theory]
    [InlineData("ials")]
    [InlineData("two-tower")]
    [InlineData("self-attention")]
    public void The_same_earlier_model_and_data_give_the_same_bytes(string algorithm)
    {
        using var folder = new TemporaryFolder();
        (InteractionSet before, InteractionSet after) = World();
        EarlierRecommender earlier = Learned(algorithm, before, folder);
        byte[][] models = [.. Enumerable.Range(0, 2).Select(run =>
        {
            string directory = folder.File($"run-{run}");
            Learning(algorithm).Refit(after, null, earlier).Model.Save(directory);
            return File.ReadAllBytes(Path.Combine(directory, "model.kpm"));
        })];
        Assert.Equal(models[0], models[1]);
    }

    [Fact]
    public void Items_may_come_in_another_order_than_they_did()
    {
        using var folder = new TemporaryFolder();
        (InteractionSet before, InteractionSet after) = World();
        EarlierRecommender earlier = Learned("ials", before, folder);
        int[] turned = [.. Enumerable.Range(0, Items).Reverse()];
        InteractionSet other = after with
        {
            Items = new IdTable(turned.Select(item => $"i{item}")),
            Matrix = new InteractionMatrix(Items, after.Matrix.Starts, [.. after.Matrix.Entries.ToArray().Select(entry => entry with { Item = turned[entry.Item] })]),
        };
        string[] one = Top(Learning("ials").Refit(after, null, earlier).Model, [1, 5, 9]), two = Top(Learning("ials").Refit(other, null, earlier).Model, [1, 5, 9]);
        Assert.InRange(one.Intersect(two).Count(), 4, 5);
    }

    [Fact]
    public void What_cannot_be_gone_on_from_is_said()
    {
        using var folder = new TemporaryFolder();
        (InteractionSet before, InteractionSet after) = World();
        EarlierRecommender earlier = Learned("ease", before, folder);
        Assert.Contains("expected the same", Refused(() => Learning("ials").Refit(after, null, earlier)), StringComparison.Ordinal);
        Assert.Contains("nothing new", Refused(() => Learning("ease").Refit(before, null, earlier)), StringComparison.Ordinal);

        (RecommenderModel untimed, RecommenderReport report) = Learning("ease").Learn(TasteWorld.Set(TasteWorld.Make()), null);
        Assert.Contains("without times", Refused(() => EarlierRecommender.Of(untimed, report.ToJson(), "report.json")), StringComparison.Ordinal);
        Assert.Contains("report.json", Refused(() => EarlierRecommender.Of(untimed, """{"algorithm":"ease"}""", "report.json")), StringComparison.Ordinal);
        Assert.Contains("is about 'ials'", Refused(() => EarlierRecommender.Of(untimed, """{"algorithm":"ials"}""", "report.json")), StringComparison.Ordinal);
        File.Delete(folder.File("report.json"));
        Assert.Contains("report.json: cannot be read", Refused(() => EarlierRecommender.Load(folder.Path)), StringComparison.Ordinal);
    }

    [Fact]
    public void Weights_go_back_to_their_anchor_as_far_as_they_would_shrink_to_nothing()
    {
        var free = new AdamTensor([2f, -4f], 2);
        var anchored = new AdamTensor([2f, -4f], 2) { Anchor = [1f, 1f] };
        free.Step(0, [0f, 0f], 0.1f, 0.5f);
        anchored.Step(0, [0f, 0f], 0.1f, 0.5f);
        Assert.Equal([1.9f, -3.8f], free.Values);
        Assert.Equal(1.95f, anchored.Values[0], 1e-6f);
        Assert.Equal(-3.75f, anchored.Values[1], 1e-6f);
    }

    [Fact]
    public void Of_what_is_new_the_latest_is_held_out_and_nothing_else()
    {
        (InteractionSet before, InteractionSet after) = World();
        long since = before.Quality.Latest!.Value.ToUnixTimeMilliseconds();
        Holdout holdout = Holdout.Split(after.Matrix, 1, byTime: true, 1000, since: since);
        Assert.NotEmpty(holdout.Users);
        foreach (int user in holdout.Users)
        {
            HistoryEntry[] row = after.Matrix.Row(user).ToArray();
            int held = holdout.TestItems(user).Length;
            Assert.InRange(held, 1, row.Count(entry => entry.Time > since));
            Assert.Equal(row[^held..].Select(entry => entry.Item), holdout.TestItems(user).ToArray());
        }

        Assert.Equal(after.Matrix.Count, holdout.Train.Count + holdout.Users.Sum(user => holdout.TestItems(user).Length));
    }

    /// <summary>People of four tastes; later those of the first two take two more courses, among them one that is new.</summary>
    private static (InteractionSet Before, InteractionSet After) World()
    {
        const int users = 200;
        InteractionMatrix all = TasteWorld.Make(users, Items, times: true);
        var random = new Random(11);
        List<HistoryEntry> before = [], after = [];
        int[] startsBefore = new int[users + 1], startsAfter = new int[users + 1];
        long latest = all.Count * 1000L;
        for (int user = 0; user < users; user++)
        {
            HistoryEntry[] row = [.. all.Row(user).ToArray().Where(entry => entry.Item != NewItem)];
            before.AddRange(row);
            after.AddRange(row);
            int taste = user % TasteWorld.Tastes;
            if (taste < 2)
            {
                int[] more = [.. Enumerable.Range(0, Items).Where(item => item % TasteWorld.Tastes == taste && item != NewItem && !row.Any(entry => entry.Item == item)).OrderBy(_ => random.Next()).Take(1)];
                after.AddRange((taste == 0 ? [NewItem, .. more] : more).Select((item, at) => new HistoryEntry(item, float.NaN, latest + ((user + at + 1) * 1000L))));
            }

            (startsBefore[user + 1], startsAfter[user + 1]) = (before.Count, after.Count);
        }

        return (Set(startsBefore, before), Set(startsAfter, after));
    }

    private static InteractionSet Set(int[] starts, List<HistoryEntry> entries)
    {
        InteractionSet set = TasteWorld.Set(new InteractionMatrix(Items, starts, [.. entries]));
        set.Quality.Latest = DateTimeOffset.FromUnixTimeMilliseconds(entries.Max(entry => entry.Time));
        return set;
    }

    private static RecommenderLearning Learning(string algorithm) => new(new RecommenderOptions { Algorithm = algorithm }, TimeProvider.System);

    private static EarlierRecommender Learned(string algorithm, InteractionSet set, TemporaryFolder folder)
    {
        (RecommenderModel model, RecommenderReport report) = Learning(algorithm).Learn(set, null);
        model.Save(folder.Path);
        report.Save(folder.Path);
        return EarlierRecommender.Load(folder.Path);
    }

    private static HistoryEntry[] Known(RecommenderModel model, int[] items) => TasteWorld.History([.. items.Select(item => model.Items.Find($"i{item}"))]);

    private static string[] Top(RecommenderModel model, int[] items)
    {
        HistoryEntry[] history = Known(model, items);
        var scores = new float[model.Items.Count];
        model.Score(history, scores);
        var top = new int[5];
        new TopItems(model.TieOrder).Select(scores, history, top);
        return [.. top.Select(item => model.Items[item])];
    }

    private static string Refused(Action refit) => Assert.Throws<InputException>(refit).Message;
}
