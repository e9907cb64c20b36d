using KnowledgePay.Decisions.Recommending.Models;
using KnowledgePay.Learning.Ranking;

namespace KnowledgePay.Learning.Tests.Recommenders;

public sealed class RankingMetricsTests
{
    [Fact]
    public void Figures_are_those_of_a_calculation_by_hand()
    {
        RankingMetrics metrics = RankingMetrics.Of([false, true, false, true], relevant: 3, k: 4);
        Assert.Equal(2.0 / 3, metrics.Recall, 12);
        Assert.Equal((0.6309297535714575 + 0.43067655807339306) / (1 + 0.6309297535714575 + 0.5), metrics.Ndcg, 12);
        Assert.Equal(0.5, metrics.Precision);
        Assert.Equal(1, metrics.HitRate);
        Assert.Equal(0.5, metrics.Mrr);
    }

    [Fact]
    public void The_ideal_list_is_cut_at_k()
    {
        Assert.Equal(1, RankingMetrics.Of([true, true], relevant: 50, k: 2).Ndcg, 12);
        Assert.Equal(0.04, RankingMetrics.Of([true, true], relevant: 50, k: 2).Recall, 12);
    }

    [Fact]
    public void The_best_items_come_first_ties_by_popularity_and_what_is_held_not_at_all()
    {
        int[] order = TopItems.OrderByPopularity([1, 9, 3, 3, 0]);
        var top = new int[4];
        int found = new TopItems(order).Select([2f, 2f, 5f, 2f, float.NaN], [new HistoryEntry(2, float.NaN, 0)], top);
        Assert.Equal(4, found);
        Assert.Equal([1, 3, 0, 4], top);
    }

    [Fact]
    public void Selecting_agrees_with_sorting_everything()
    {
        var random = new Random(1);
        for (int round = 0; round < 200; round++)
        {
            int n = random.Next(1, 60), k = random.Next(1, 30);
            float[] scores = [.. Enumerable.Range(0, n).Select(_ => random.Next(-5, 6) / 2f)];
            int[] order = TopItems.OrderByPopularity([.. Enumerable.Range(0, n).Select(_ => (float)random.Next(4))]);
            var top = new int[k];
            int found = new TopItems(order).Select(scores, [], top);
            int[] expected = [.. Enumerable.Range(0, n).OrderByDescending(i => scores[i]).ThenBy(i => order[i]).Take(k)];
            Assert.Equal(expected, top[..found]);
        }
    }

    [Fact]
    public void A_holdout_by_time_holds_the_latest_and_loses_nothing()
    {
        Interactions.InteractionMatrix matrix = TasteWorld.Make(users: 30, taken: 10, times: true);
        Holdout holdout = Holdout.Split(matrix, 7, byTime: true, mostUsers: 20);
        Assert.Equal(20, holdout.Users.Length);
        Assert.Equal(matrix.Count - (20 * 2), holdout.Train.Count);
        foreach (int user in holdout.Users)
        {
            Assert.Equal([matrix.Row(user)[8].Item, matrix.Row(user)[9].Item], holdout.TestItems(user).ToArray());
            Assert.Equal(matrix.Row(user)[..8].ToArray(), holdout.Train.Row(user).ToArray());
        }
    }

    [Fact]
    public void Who_is_left_apart_is_neither_learned_from_nor_evaluated()
    {
        Interactions.InteractionMatrix matrix = TasteWorld.Make(users: 30, taken: 10, times: true);
        Holdout holdout = Holdout.Split(matrix, 7, byTime: true, mostUsers: 30, apart: [0, 7, 29]);
        Assert.Equal(Enumerable.Range(0, 30).Except([0, 7, 29]), holdout.Users);
        Assert.Equal(27 * 8, holdout.Train.Count);
        Assert.All(new[] { 0, 7, 29 }, user => Assert.Equal((0, 0), (holdout.Train.RowLength(user), holdout.TestItems(user).Length)));
        Assert.Equal(matrix.Row(8)[..8].ToArray(), holdout.Train.Row(8).ToArray());
    }
}
