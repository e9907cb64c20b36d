using KnowledgePay.Learning.Evaluation;

namespace KnowledgePay.Server.Models;

/// <summary>A version's trial beside the one that serves.</summary>
/// <param name="Name">People are divided by it.</param>
/// <param name="Share">Of the people for whom it decides, 0 (it is only watched) to 0.5.</param>
/// <param name="By">Id of the operator's key.</param>
public sealed record ModelTrial(string Name, double Share, DateTimeOffset StartedAt, string By)
{
    /// <summary>The challenger is who has to prove itself: it never decides for more people than the champion.</summary>
    public const double LargestShare = 0.5;
}

/// <summary>What <c>PUT /v1/models/{kind}/versions/{v}/trial</c> takes.</summary>
public sealed record TrialRequest
{
    /// <summary>0 to 0.5; 0 when left out: the version is watched and decides about nobody.</summary>
    public double? Share { get; init; }
}

/// <summary>How the two compare in one respect; more is better.</summary>
/// <param name="Champion">Mean of the version that serves, or of what is built in while none was promoted (popularity; the expert card; the share of payments charged back before the trial).</param>
/// <param name="Challenger">Mean of the version on trial.</param>
/// <param name="Difference">Challenger less champion.</param>
/// <param name="Low">With <paramref name="High"/> the interval that holds the true difference with 95 %, however often one looks.</param>
/// <param name="PValue">Likewise.</param>
/// <param name="Better"><c>challenger</c>, <c>champion</c>, or <c>undecided</c>.</param>
public sealed record TrialComparison(double Champion, double Challenger, double Difference, double Low, double High, double PValue, string Better)
{
    /// <summary>People whose doings this is about.</summary>
    public required int People { get; init; }

    /// <summary>Courses that they took since the trial began; for credit risk the applications or loans, for fraud the payments that are compared.</summary>
    public required int Taken { get; init; }

    /// <param name="test">Of the sum of differences.</param>
    /// <param name="of">By what that sum is divided for the mean.</param>
    internal static TrialComparison Of(double champion, double challenger, double difference, SequentialResult test, double of, int people, int taken) => new(
        Math.Round(champion, 6),
        Math.Round(challenger, 6),
        Math.Round(difference, 6),
        Math.Round(difference - (test.Margin / of), 6),
        Math.Round(difference + (test.Margin / of), 6),
        Math.Round(test.PValue, 6),
        !test.IsSettled ? "undecided" : difference > 0 ? "challenger" : "champion")
    {
        People = people,
        Taken = taken,
    };
}

/// <summary>How a trial stands.</summary>
public sealed record TrialReport
{
    public required string Kind { get; init; }

    /// <summary>The version on trial.</summary>
    public required int Version { get; init; }

    /// <summary>The version that serves; null while what is built in does.</summary>
    public int? Champion { get; init; }

    public required ModelTrial Trial { get; init; }

    /// <summary>
    /// For recommenders NDCG@10 of each course that somebody took since, in what each model would have ranked for them just before; for risk and fraud the quadratic score 1 − (p − y)² of what each
    /// says of the loans and payments since, whose window is over. Whoever was served by whom. Null while there are none.
    /// </summary>
    /// <remarks>People take what they are shown, and loans are known of those who got one, so that this leans toward the one that decides for more of them.</remarks>
    public TrialComparison? Watched { get; init; }

    /// <summary>Of the people for whom each decides: for recommenders courses taken a person since; for risk the share of the loans since, whose window is over, that went well. Null while the challenger decides for nobody.</summary>
    public TrialComparison? Served { get; init; }

    /// <summary>For risk the share of the applications since that each approved of those for whom it decides. Better names who approves more, which is not better by itself.</summary>
    public TrialComparison? Approved { get; init; }
}
