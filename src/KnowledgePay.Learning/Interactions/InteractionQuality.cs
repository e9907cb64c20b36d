namespace KnowledgePay.Learning.Interactions;

/// <summary>What was found in an interactions file; part of <c>report.json</c>.</summary>
public sealed class InteractionQuality
{
    /// <summary>Lines with data.</summary>
    public long Rows { get; set; }

    public int Users { get; set; }

    public int Items { get; set; }

    /// <summary>Pairs of user and item that are left when all repeats are one.</summary>
    public long Pairs { get; set; }

    /// <summary>Rows that repeat a pair; the latest row, by time and then by place, is the one that counts.</summary>
    public long Duplicates { get; set; }

    /// <summary>Rows without a rating though the file has a rating column.</summary>
    public long MissingRatings { get; set; }

    /// <summary>Rows left out because their rating is off the scale.</summary>
    public long RatingsOffScale { get; set; }

    /// <summary>First line with a rating off the scale.</summary>
    public long? FirstLineOffScale { get; set; }

    public RatingScale? Scale { get; set; }

    public bool HasTimes { get; set; }

    public long MissingTimes { get; set; }

    /// <summary>Rows whose time is before that of the row above of the same user; histories are sorted by time.</summary>
    public long OutOfOrder { get; set; }

    /// <summary>Rows left out because the model does not know the item.</summary>
    public long UnknownItems { get; set; }

    public DateTimeOffset? Earliest { get; set; }

    public DateTimeOffset? Latest { get; set; }

    public double Density => Users == 0 || Items == 0 ? 0 : (double)Pairs / Users / Items;

    public List<string> Warnings { get; } = [];
}
