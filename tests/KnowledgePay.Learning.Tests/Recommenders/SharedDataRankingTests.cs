using KnowledgePay.Learning.Interactions;
using KnowledgePay.Learning.Ranking;
using KnowledgePay.Learning.Recommenders;

namespace KnowledgePay.Learning.Tests.Recommenders;

/// <summary>Figures on real enrolments, with settings that validation chose; full ranking.</summary>
public sealed class SharedDataRankingTests
{
    [Theory]
    [InlineData("ease", 0.143, 0.150)]
    [InlineData("item-cf", 0.148, 0.155)]
    [InlineData("popularity", 0.0955, 0.0889)]
    public void Enrolments_of_mooc_are_predicted_as_well_as_is_known(string algorithm, double recall, double ndcg)
    {
        string? train = SharedData.Find("mooc/train.csv.gz"), test = SharedData.Find("mooc/test.csv.gz");
        Assert.SkipWhen(train is null || test is null, "../shared/data/mooc is not here.");
        InteractionSet set = InteractionsFile.Read(train!);
        IRecommenderLearner learner = algorithm switch { "ease" => new EaseLearner(), "item-cf" => new ItemNeighbourLearner(), _ => new PopularityLearner() };
        var settings = algorithm == "ease" ? Hyperparameters.Of(("lambda", 1200)) : learner.Choices(new TrainingData(set.Matrix, null, 1))[0];
        var model = new RecommenderModel(
            algorithm, set.Items, learner.Fit(new TrainingData(set.Matrix, null, 1), settings), new(ScorerEvaluation.Popularity(set.Matrix)));
        InteractionSet held = InteractionsFile.Read(test!, set.Items);
        RankingMetrics mean = default;
        foreach (RankedList list in RecommendationLists.Rank(model, set, 20, TestContext.Current.CancellationToken))
        {
            int user = held.Users.Find(set.Users[list.User]);
            if (user >= 0)
            {
                mean += ScorerEvaluation.Compare(list.Items, Array.ConvertAll(held.Matrix.Row(user).ToArray(), entry => entry.Item), 20);
            }
        }

        Assert.Equal(11943, mean.Users);
        Assert.True(mean.Recall >= recall && mean.Ndcg >= ndcg, mean.ToString());
    }
}
