using CsCheck;
using KnowledgePay.Decisions.Scoring;

namespace KnowledgePay.Learning.Tests.Risk;

public sealed class ShapleyTests
{
    [Fact]
    public void Contributions_of_any_trees_are_those_of_the_definition_and_add_up() =>
        Gen.Select(Gen.Int[1, 9], Gen.Int[1, 6], Gen.Int[0, 7], Gen.Int[0, int.MaxValue]).Sample((features, trees, depth, seed) =>
        {
            var random = new Random(seed);
            LogOddsModel model = Model(random, features, trees, depth);
            double[] row = [.. Enumerable.Range(0, features).Select(feature => random.Next(6) == 0 ? double.NaN : (double)random.Next(feature % 3 == 0 ? 7 : 10))];
            double[] expected = ShapleyByDefinition.Of(model, row), contributions = new double[features];
            model.Contributions(row, contributions);
            return expected.Zip(contributions).All(pair => Math.Abs(pair.First - pair.Second) < 1e-9) && Math.Abs(model.Base + contributions.Sum() - model.LogOdds(row)) < 1e-9;
        }, iter: 300);

    [Theory]
    [InlineData(16)]
    [InlineData(18)]
    public void A_path_of_many_features_is_as_exact(int features)
    {
        // A vine: at every split the left child is a leaf and the right one splits on the next feature.
        var random = new Random(features);
        var nodes = new TreeNode[(2 * features) + 1];
        nodes[^1] = new TreeNode(-1, 0, false, -1, 0, random.NextDouble() - 0.5, 1);
        for (int feature = features - 1; feature >= 0; feature--)
        {
            int at = 2 * feature;
            nodes[at + 1] = new TreeNode(-1, 0, false, -1, 0, random.NextDouble() - 0.5, 1);
            double cover = 1 + nodes[at + 2].Cover;
            nodes[at] = new TreeNode((short)feature, 1, true, -1, at + 1, (nodes[at + 1].Value + (nodes[at + 2].Cover * nodes[at + 2].Value)) / cover, cover);
        }

        FeatureCoding[] codings = [.. Enumerable.Range(0, features).Select(_ => FeatureCoding.OfNumber([0.5]))];
        double[] row = [.. Enumerable.Range(0, features).Select(feature => feature % 5 == 3 ? 0.0 : 1.0)], contributions = new double[features];
        var model = new LogOddsModel(features, 0, [(1, new TreeEnsemble(codings, [0], nodes, [], 0))]);

        model.Contributions(row, contributions);

        Assert.All(ShapleyByDefinition.Of(model, row).Zip(contributions), pair => Assert.Equal(pair.First, pair.Second, 1e-12));
    }

    /// <summary>Trees that split as they like, the same feature again and again, beside an additive score.</summary>
    private static LogOddsModel Model(Random random, int features, int trees, int depth)
    {
        FeatureCoding[] codings =
        [
            .. Enumerable.Range(0, features).Select(feature => feature % 3 == 0
                ? FeatureCoding.OfCategory([1, 2, 3, 4, 2], 5)
                : FeatureCoding.OfNumber([1, 3, 4.5, 7])),
        ];
        var nodes = new List<TreeNode>();
        var sets = new List<CodeSet>();
        var roots = new List<int>();
        for (int tree = 0; tree < trees; tree++)
        {
            roots.Add(nodes.Count);
            nodes.Add(default);
            Grow(roots[^1], 1 + (random.NextDouble() * 9), depth);
        }

        void Grow(int at, double cover, int left)
        {
            if (left == 0 || random.Next(8) == 0)
            {
                nodes[at] = new TreeNode(-1, 0, false, -1, 0, random.NextDouble() - 0.5, cover);
                return;
            }

            int feature = random.Next(features), child = nodes.Count;
            int set = -1;
            if (feature % 3 == 0)
            {
                var codes = new CodeSet();
                for (int code = 0; code < 6; code++)
                {
                    if (random.Next(2) == 0)
                    {
                        codes.Add(code);
                    }
                }

                set = sets.Count;
                sets.Add(codes);
            }

            nodes.Add(default);
            nodes.Add(default);
            double share = 0.05 + (0.9 * random.NextDouble());
            Grow(child, cover * share, left - 1);
            Grow(child + 1, cover * (1 - share), left - 1);
            nodes[at] = new TreeNode((short)feature, (byte)random.Next(1, 5), random.Next(2) == 0, set, child, (share * nodes[child].Value) + ((1 - share) * nodes[child + 1].Value), cover);
        }

        var functions = new List<AdditiveFunction>();
        for (int feature = 0; feature < features; feature += 2)
        {
            functions.Add(feature % 3 == 0
                ? AdditiveFunction.Table(feature, codings[feature], [.. Enumerable.Range(0, codings[feature].Codes).Select(_ => random.NextDouble())], random.NextDouble())
                : AdditiveFunction.Line(feature, random.NextDouble() - 0.5, (1, 8), random.NextDouble(), random.NextDouble()));
        }

        return new LogOddsModel(features, random.NextDouble(), [(0.5 + random.NextDouble(), new TreeEnsemble(codings, roots, nodes, sets, random.NextDouble())), (random.NextDouble(), new AdditiveScore(0.3, functions))]);
    }
}
