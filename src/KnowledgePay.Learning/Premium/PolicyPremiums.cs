using System.Text.Json.Nodes;
using KnowledgePay.Decisions.Premiums;
using KnowledgePay.Learning.BoostedTrees;
using KnowledgePay.Learning.Evaluation;
using KnowledgePay.Learning.Files;
using KnowledgePay.Learning.ModelFiles;
using KnowledgePay.Learning.Tables;

namespace KnowledgePay.Learning.Premium;

/// <summary>A policy to learn premiums from.</summary>
/// <param name="Values">By <see cref="PolicyAttribute"/>, as they were when it began.</param>
/// <param name="Product">As <c>partner/product</c>.</param>
/// <param name="Years">For which it has been in force, above 0.</param>
/// <param name="Yuan">Of all its claims, on the policy's scale.</param>
/// <param name="Groups">What the person belongs to, to be looked at afterwards only.</param>
public sealed record PolicyCase(double[] Values, string Product, double Years, int Claims, double Yuan, IReadOnlyList<(string Kind, string Name)> Groups);

/// <summary>How a group of people fares with a premium model.</summary>
/// <param name="Observed">Claims a year.</param>
/// <param name="Expected">Claims a year by the model.</param>
public sealed record PolicyGroup(string Kind, string Name, int Policies, double Observed, double Expected);

/// <param name="DevianceRatio">Poisson deviance of policies that the model did not see, as a share of that of one frequency for all.</param>
/// <param name="Gini">Of the ordered Lorenz curve of the same.</param>
public sealed record LearnedPolicyPremiums(PremiumModel Model, double DevianceRatio, double Gini, IReadOnlyList<PolicyGroup> Groups, JsonObject Report);

/// <summary>Learns what cover costs from policies and their claims.</summary>
public static class PolicyPremiums
{
    private const string Claims = "claims", Years = "years", Yuan = "yuan";
    private const int FewestOfGroup = 30;
    private const int FoldCount = 5;

    /// <summary>Of more policies the tenth that <see cref="PremiumTrainer"/> holds out says enough; of fewer every policy is held out once.</summary>
    private const int FewPolicies = 20_000;

    /// <exception cref="InputException">There are too few policies or claims.</exception>
    public static LearnedPolicyPremiums Train(IReadOnlyList<PolicyCase> policies, string algorithm, ulong seed, Action<double>? progress = null, CancellationToken cancellation = default)
    {
        int withClaims = policies.Count(policy => policy is { Claims: > 0, Yuan: > 0 });
        if (withClaims < PremiumTrainer.LeastRows)
        {
            throw new InputException($"There is too little to learn from: {policies.Count} policies, {withClaims} of them with a claim; expected at least {PremiumTrainer.LeastRows} with a claim.");
        }

        Table table = TableOf(policies);
        var settings = new PremiumSettings { Claims = Claims, Exposure = Years, Amount = Yuan, Algorithm = algorithm, Seed = seed };
        (double DevianceRatio, double Gini)? cross = policies.Count <= FewPolicies ? CrossValidated(policies, settings, share => progress?.Invoke(0.8 * share), cancellation) : null;
        double done = cross is null ? 0 : 0.8;
        (PremiumModel model, JsonObject report) = PremiumTrainer.Train(table, settings, share => progress?.Invoke(done + ((1 - done) * share)), cancellation);
        if (cross is { } outOfFold)
        {
            report["crossValidation"] = new JsonObject { ["folds"] = FoldCount, ["devianceRatio"] = ModelFiles.Report.Number(outOfFold.DevianceRatio), ["gini"] = ModelFiles.Report.Number(outOfFold.Gini) };
        }

        JsonNode validation = report["validation"]!;
        IReadOnlyList<PolicyGroup> groups = GroupsOf(policies, model.Frequency(table));
        report["groups"] = new JsonArray([.. groups.Select(group => new JsonObject
        {
            ["kind"] = group.Kind, ["name"] = group.Name, ["policies"] = group.Policies, ["observed"] = ModelFiles.Report.Number(group.Observed, 5), ["expected"] = ModelFiles.Report.Number(group.Expected, 5),
        })]);
        return new LearnedPolicyPremiums(
            model, cross?.DevianceRatio ?? validation["devianceRatio"]!.GetValue<double>(), cross?.Gini ?? validation["gini"]!.GetValue<double>(), groups, report);
    }

    private static (double DevianceRatio, double Gini) CrossValidated(IReadOnlyList<PolicyCase> policies, PremiumSettings settings, Action<double> progress, CancellationToken cancellation)
    {
        double[] claims = [.. policies.Select(policy => (double)policy.Claims)], years = [.. policies.Select(policy => policy.Years)];
        var frequency = new double[policies.Count];
        var homogeneous = new double[policies.Count];
        int[] fold = Folds.Stratified([.. policies.Select(policy => policy.Claims > 0 ? 1 : 0)], FoldCount, settings.Seed);
        for (int f = 0; f < FoldCount; f++)
        {
            int[] learn = Folds.Where(fold, other => other != f), test = Folds.Where(fold, other => other == f);
            PremiumModel model = PremiumTrainer.Train(TableOf([.. learn.Select(row => policies[row])]), settings, null, cancellation).Model;
            double[] predicted = model.Frequency(TableOf([.. test.Select(row => policies[row])]));
            double rate = PremiumTrainer.Rate(claims, years, learn);
            for (int i = 0; i < test.Length; i++)
            {
                (frequency[test[i]], homogeneous[test[i]]) = (predicted[i], rate);
            }

            progress((f + 1.0) / FoldCount);
        }

        int[] all = [.. Enumerable.Range(0, policies.Count)];
        return (PremiumTrainer.Deviance(claims, years, frequency, all) / PremiumTrainer.Deviance(claims, years, homogeneous, all), PremiumTrainer.Gini(claims, years, frequency, all));
    }

    /// <summary>The model as premiums are quoted by it.</summary>
    /// <exception cref="InputException">The model reads other columns than these, or knows no amounts.</exception>
    public static IPremiumModel Serving(PremiumModel model, string version)
    {
        foreach (FeatureBins feature in model.Fine.Concat(model.Coarse))
        {
            if (feature.Edges is null ? feature.Name != PolicyAttributes.Product : !PolicyAttributes.Names.Contains(feature.Name))
            {
                throw new InputException($"The stored premium model reads '{feature.Name}', which this program does not know of a policy.");
            }
        }

        return model.HasSeverity ? new Served(model, version) : throw new InputException("The stored premium model knows no amounts of claims.");
    }

    private static List<PolicyGroup> GroupsOf(IReadOnlyList<PolicyCase> policies, double[] frequency)
    {
        var sums = new SortedDictionary<(string Kind, string Name), (int Policies, double Years, double Claims, double Expected)>();
        for (int row = 0; row < policies.Count; row++)
        {
            PolicyCase policy = policies[row];
            foreach ((string Kind, string Name) group in policy.Groups)
            {
                (int count, double years, double claims, double expected) = sums.GetValueOrDefault(group);
                sums[group] = (count + 1, years + policy.Years, claims + policy.Claims, expected + (frequency[row] * policy.Years));
            }
        }

        return
        [
            .. sums.Where(sum => sum.Value.Policies >= FewestOfGroup).Select(sum =>
                new PolicyGroup(sum.Key.Kind, sum.Key.Name, sum.Value.Policies, sum.Value.Claims / sum.Value.Years, sum.Value.Expected / sum.Value.Years)),
        ];
    }

    private static Table TableOf(IReadOnlyList<PolicyCase> policies)
    {
        var columns = new List<TableColumn>();
        for (int attribute = 0; attribute < PolicyAttributes.Count; attribute++)
        {
            columns.Add(new NumericColumn(PolicyAttributes.Names[attribute], [.. policies.Select(one => one.Values[attribute])]));
        }

        columns.Add(CategoricalColumn.Of(PolicyAttributes.Product, policies.Select(one => one.Product)));
        columns.Add(new NumericColumn(Claims, [.. policies.Select(one => (double)one.Claims)]));
        columns.Add(new NumericColumn(Years, [.. policies.Select(one => one.Years)]));
        columns.Add(new NumericColumn(Yuan, [.. policies.Select(one => one.Yuan)]));
        return new Table("the journal", policies.Count, columns);
    }

    private sealed class Served(PremiumModel model, string version) : IPremiumModel
    {
        private readonly int[] _coarse = Places(model.Coarse);
        private readonly int[] _fine = Places(model.Fine);

        public string Version => version;

        public LoadedPremium Of(ReadOnlySpan<double> attributes, string product)
        {
            Span<byte> coarse = stackalloc byte[_coarse.Length], fine = stackalloc byte[_fine.Length];
            Code(model.Coarse, _coarse, attributes, product, coarse);
            Code(model.Fine, _fine, attributes, product, fine);
            double frequency = model.Frequency(coarse, fine), claim = model.MeanClaim(coarse);
            double pure = frequency * claim, charged = model.Loading.Charged(pure);
            return new LoadedPremium(frequency, claim, pure, pure * model.Loading.Safety, charged * model.Loading.Expenses, charged * model.Loading.Profit);
        }

        /// <summary>By feature its attribute, −1 for the product.</summary>
        private static int[] Places(FeatureBins[] features) => [.. features.Select(feature => feature.Edges is null ? -1 : PolicyAttributes.Names.ToList().IndexOf(feature.Name))];

        private static void Code(FeatureBins[] features, int[] places, ReadOnlySpan<double> attributes, string product, Span<byte> codes)
        {
            for (int f = 0; f < codes.Length; f++)
            {
                codes[f] = places[f] < 0 ? features[f].Code(product) : features[f].Code(attributes[places[f]]);
            }
        }
    }
}
