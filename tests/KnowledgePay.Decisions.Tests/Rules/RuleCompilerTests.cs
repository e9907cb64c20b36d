using System.Collections.Immutable;
using CsCheck;
using KnowledgePay.Contracts.Decisions;
using KnowledgePay.Decisions.Catalogue;
using KnowledgePay.Decisions.Profiles;
using KnowledgePay.Decisions.Rules;

namespace KnowledgePay.Decisions.Tests.Rules;

public sealed class RuleCompilerTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 14, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("{}", true)]
    [InlineData("""{"minAge":18}""", true)]
    [InlineData("""{"minAge":41}""", false)]
    [InlineData("""{"minAge":40,"maxAge":40}""", true)]
    [InlineData("""{"regions":["CN-31"]}""", true)]
    [InlineData("""{"regions":["cn-11","cn-31"]}""", true)]
    [InlineData("""{"regions":["CN-11"]}""", false)]
    [InlineData("""{"maxRiskBand":"medium"}""", true)]
    [InlineData("""{"maxRiskBand":"low"}""", false)]
    [InlineData("""{"feature":"purchases","op":"!=","value":3}""", false)]
    [InlineData("""{"feature":"purchases","op":"in","value":[1,3]}""", true)]
    [InlineData("""{"feature":"purchases","op":"notIn","value":[1,3]}""", false)]
    [InlineData("""{"any":[{"feature":"age","op":"<","value":18},{"feature":"purchases","op":">=","value":3}]}""", true)]
    [InlineData("""{"all":[{"feature":"age","op":"<","value":18},{"feature":"purchases","op":">=","value":3}]}""", false)]
    [InlineData("""{"not":{"all":[{"feature":"age","op":"<","value":18},{"feature":"purchases","op":">=","value":3}]}}""", true)]
    [InlineData("""{"not":{"not":{"feature":"age","op":"==","value":40}}}""", true)]
    // What is not known holds for nobody, except for notIn and exists; a not turns that around.
    [InlineData("""{"feature":"occupation","op":"==","value":"teacher"}""", false)]
    [InlineData("""{"feature":"occupation","op":"notIn","value":["teacher"]}""", true)]
    [InlineData("""{"feature":"occupation","op":"exists"}""", false)]
    [InlineData("""{"feature":"occupation","op":"exists","value":false}""", true)]
    [InlineData("""{"not":{"feature":"occupation","op":"==","value":"teacher"}}""", true)]
    [InlineData("""{"feature":"consent.partnerSharing","op":"==","value":true}""", false)]
    public void A_rule_holds_for_whom_it_says(string json, bool holds)
    {
        RuleCompilation compiled = RuleCompiler.Compile(json);
        Assert.True(compiled.Succeeded, string.Join('\n', compiled.Errors));
        Assert.Equal(holds, compiled.Rule.Holds(Facts()));
        var traces = ImmutableArray.CreateBuilder<RuleTrace>();
        Assert.Equal(holds, compiled.Rule.Trace(Facts(), "r", traces));
        Assert.All(traces, trace => Assert.Equal("r", trace.Rule));
    }

    [Theory]
    [InlineData("", "")]
    [InlineData("[]", "")]
    [InlineData("""{"gender":"f"}""", "/gender")]
    [InlineData("""{"feature":"gender","op":"==","value":"f"}""", "/feature")]
    [InlineData("""{"feature":"aeg","op":"==","value":1}""", "/feature")]
    [InlineData("""{"feature":"age","op":"=>","value":1}""", "/op")]
    [InlineData("""{"feature":"age","op":">="}""", "/value")]
    [InlineData("""{"feature":"age","op":">=","value":"old"}""", "/value")]
    [InlineData("""{"feature":"region","op":">","value":"CN"}""", "/op")]
    [InlineData("""{"feature":"age","op":"in","value":[]}""", "/value")]
    [InlineData("""{"feature":"age","op":"in","value":[1,"x"]}""", "/value/1")]
    [InlineData("""{"maxRiskBand":"huge"}""", "/maxRiskBand")]
    [InlineData("""{"all":[]}""", "/all")]
    [InlineData("""{"all":[{"minAge":18}]}""", "/all/0")]
    [InlineData("""{"minAge":18,"minAge":19}""", "/minAge")]
    [InlineData("""{"op":"=="}""", "/op")]
    public void What_is_wrong_is_said_with_the_place(string json, string pointer)
    {
        RuleCompilation compiled = RuleCompiler.Compile(json);
        Assert.False(compiled.Succeeded);
        Assert.Contains(compiled.Errors, error => error.Pointer == pointer);
        Assert.All(compiled.Errors, error => Assert.NotEmpty(error.Message));
    }

    [Theory]
    [InlineData(RuleUse.Courses, """{"minAge":18}""", "/minAge")]
    [InlineData(RuleUse.Courses, """{"all":[{"feature":"surface","op":"==","value":"home"}]}""", "/all/0/feature")]
    [InlineData(RuleUse.Ranking, """{"maxRiskBand":"low"}""", "/maxRiskBand")]
    [InlineData(RuleUse.Ranking, """{"not":{"feature":"openLoans","op":">","value":0}}""", "/not/feature")]
    public void A_feature_that_a_rule_of_that_use_may_not_read_is_refused(RuleUse use, string json, string pointer)
    {
        Assert.True(RuleCompiler.Compile(json).Succeeded);
        Assert.Equal(pointer, Assert.Single(RuleCompiler.Compile(json, use).Errors).Pointer);
    }

    [Fact]
    public void What_is_written_of_a_course_is_read_without_regard_to_case()
    {
        RuleFacts facts = Facts() with { Course = new CourseEntry { Ordinal = 0, Category = -1, Concepts = [], Course = Course } };
        Assert.True(Holds("""{"courseTags":["rust"],"courseConcepts":["ownership","lifetimes"],"courseInstructors":["ada l."],"maxCoursePriceMinorUnits":100}"""));
        Assert.False(Holds("""{"courseTags":["go"]}"""));
        Assert.True(Holds("""{"not":{"feature":"courseTags","op":"in","value":["go","zig"]}}"""));

        bool Holds(string json) => RuleCompiler.Compile(json, RuleUse.Courses).Rule!.Holds(facts);
    }

    private static readonly Contracts.Catalogue.Course Course = new()
    {
        Id = "r",
        Title = "Rust",
        Tags = ["Rust"],
        Concepts = ["Ownership"],
        Instructor = "Ada L.",
        ListPrice = new Contracts.Money("CNY", 100),
    };

    [Fact]
    public void A_typing_error_is_told_what_was_meant() =>
        Assert.Contains("'minAge'", Assert.Single(RuleCompiler.Compile("""{"minAgee":18}""").Errors).Message, StringComparison.Ordinal);

    [Fact]
    public void No_text_at_all_makes_it_throw() => Gen.String.Sample(text => Assert.NotNull(RuleCompiler.Compile(text)));

    [Fact]
    public void Holding_and_tracing_say_the_same_and_every_condition_is_traced_once() => Rules(3).Sample(rule =>
    {
        RuleCompilation compiled = RuleCompiler.Compile(rule.Json);
        Assert.True(compiled.Succeeded, rule.Json + string.Join('\n', compiled.Errors));
        var traces = ImmutableArray.CreateBuilder<RuleTrace>();
        Assert.Equal(rule.Holds, compiled.Rule.Holds(Facts()));
        Assert.Equal(rule.Holds, compiled.Rule.Trace(Facts(), "r", traces));
        Assert.Equal(rule.Conditions, traces.Count);
    });

    [Fact]
    public void Depth_and_number_of_conditions_are_bounded()
    {
        string deep = string.Concat(Enumerable.Repeat("""{"not":""", RuleCompiler.LargestDepth + 2)) + """{"feature":"age","op":">","value":1}""" + new string('}', RuleCompiler.LargestDepth + 2);
        Assert.False(RuleCompiler.Compile(deep).Succeeded);
        string[] many = [.. Enumerable.Repeat("""{"feature":"age","op":">","value":1}""", RuleCompiler.LargestConditionCount + 1)];
        Assert.False(RuleCompiler.Compile($$"""{"all":[{{string.Join(',', many)}}]}""").Succeeded);
        Assert.True(RuleCompiler.Compile($$"""{"all":[{{string.Join(',', many.Skip(1))}}]}""").Succeeded);
    }

    private static RuleFacts Facts() => new()
    {
        Profile = new UserProfile { BirthYear = 1986, Region = "CN-31", Purchases = 3 },
        Catalogue = new CatalogueSnapshot(1, [], CourseVectors.Empty, [], [], []),
        Now = Now,
        Standing = new PersonStanding(0, 0.4f),
    };

    private static Gen<Rule> Rules(int depth)
    {
        Gen<Rule> leaf = Gen.Select(Gen.Int[0, 80], Gen.Bool, (value, isAge) => new Rule(
            $$"""{"feature":"{{(isAge ? "age" : "purchases")}}","op":">=","value":{{value}}}""", (isAge ? 40 : 3) >= value, 1));
        if (depth == 0)
        {
            return leaf;
        }

        Gen<Rule> group = Gen.Select(Rules(depth - 1).Array[1, 3], Gen.Bool, (parts, all) => new Rule(
            $$"""{"{{(all ? "all" : "any")}}":[{{string.Join(',', parts.Select(part => part.Json))}}]}""",
            all ? parts.All(part => part.Holds) : parts.Any(part => part.Holds),
            parts.Sum(part => part.Conditions)));
        Gen<Rule> not = Rules(depth - 1).Select(part => new Rule($$"""{"not":{{part.Json}}}""", !part.Holds, part.Conditions));
        return Gen.OneOf(leaf, group, not);
    }

    private sealed record Rule(string Json, bool Holds, int Conditions);
}
