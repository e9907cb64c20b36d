using System.Collections.Immutable;
using KnowledgePay.Contracts;
using KnowledgePay.Contracts.Partners;

namespace KnowledgePay.Learning.Simulation;

/// <summary>The partners of the simulated marketplace and what they offer.</summary>
internal static class PartnerWorld
{
    public static readonly ImmutableArray<Partner> Partners =
    [
        new() { Id = "p-bank", Name = "Riverside Bank", Contact = "partners@riverside.example" },
        new() { Id = "p-shield", Name = "Shield Mutual", Contact = "desk@shield.example" },
        new() { Id = "p-club", Name = "Learners' Club", Contact = "hello@club.example" },
    ];

    public static ImmutableArray<PartnerProduct> Products(string currency)
    {
        string Amount(long major) => $$"""{"currency":"{{currency}}","minorUnits":{{Minor(currency, major)}}}""";
        Money Budget(long major) => new(currency, Minor(currency, major));
        return
        [
            new()
            {
                PartnerId = "p-bank",
                Id = "study-loan",
                Kind = ProductKind.Loan,
                Name = "Study loan",
                Terms = $$"""{"aprBasisPoints":1200,"maxTermMonths":24,"minAmount":{{Amount(100)}},"maxAmount":{{Amount(20000)}},"value":{{Amount(60)}}}""",
                Eligibility = """{"all":[{"feature":"riskScore","op":"<=","value":0.5}]}""",
                Channels = ["checkout", "course"],
                Budget = Budget(200_000),
            },
            new()
            {
                PartnerId = "p-bank",
                Id = "easy-pay",
                Kind = ProductKind.Loan,
                Name = "Pay in three",
                Terms = $$"""{"aprBasisPoints":0,"maxTermMonths":3,"minAmount":{{Amount(50)}},"maxAmount":{{Amount(3000)}},"value":{{Amount(8)}}}""",
                Eligibility = """{"all":[{"feature":"riskScore","op":"<=","value":0.3}]}""",
                Channels = ["checkout"],
                Budget = Budget(50_000),
            },
            new()
            {
                PartnerId = "p-shield",
                Id = "course-cover",
                Kind = ProductKind.Insurance,
                Name = "Course completion cover",
                Terms = $$"""{"premium":{{Amount(9)}},"cover":{{Amount(300)}},"value":{{Amount(4)}}}""",
                Eligibility = """{"minAge":18}""",
                Channels = ["checkout", "home"],
                Budget = Budget(80_000),
            },
            new()
            {
                PartnerId = "p-shield",
                Id = "income-cover",
                Kind = ProductKind.Insurance,
                Name = "Income protection",
                Terms = $$"""{"premium":{{Amount(29)}},"cover":{{Amount(5000)}},"value":{{Amount(12)}}}""",
                Eligibility = """{"all":[{"feature":"age","op":">=","value":22},{"feature":"riskScore","op":"<=","value":0.6}]}""",
                Channels = ["home", "profile"],
                Budget = Budget(60_000),
            },
            new()
            {
                PartnerId = "p-club",
                Id = "year-pass",
                Kind = ProductKind.Membership,
                Name = "Year pass",
                Terms = $$"""{"fee":{{Amount(365)}},"months":12,"value":{{Amount(80)}}}""",
                Eligibility = "{}",
                Budget = Budget(120_000),
            },
            new()
            {
                PartnerId = "p-club",
                Id = "student-pass",
                Kind = ProductKind.Membership,
                Name = "Student pass",
                Terms = $$"""{"fee":{{Amount(99)}},"months":6,"value":{{Amount(20)}}}""",
                Eligibility = """{"minAge":18}""",
                Channels = ["home", "course"],
                Budget = Budget(40_000),
            },
        ];
    }

    private static long Minor(string currency, long major)
    {
        for (int i = 0; i < Currencies.ExponentOf(currency); i++)
        {
            major *= 10;
        }

        return major;
    }
}
