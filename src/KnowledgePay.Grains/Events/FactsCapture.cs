using KnowledgePay.Contracts.Events;
using KnowledgePay.Decisions.Catalogue;
using KnowledgePay.Decisions.Profiles;
using KnowledgePay.Decisions.Sentiment;

namespace KnowledgePay.Grains.Events;

/// <summary>Takes down what the world says about an event's course, product and words when the event is accepted.</summary>
public static class FactsCapture
{
    private const int ConceptsAtMost = 8;

    /// <param name="sentiment">Scores comments; the lexicon does when it is null.</param>
    public static EventFacts Of(EventData data, CatalogueSnapshot catalogue, SentimentModel? sentiment = null) => data switch
    {
        OrderPlaced order => OfCourse(order.CourseId, catalogue) with
        {
            AcceptedProducts = [.. order.AcceptedOffers.Select(o => catalogue.FindProduct(o.PartnerId, o.ProductId)?.Ordinal ?? -1).Where(o => o >= 0)],
        },
        CourseCommented comment => OfCourse(comment.CourseId, catalogue) with { Sentiment = sentiment?.Score(comment.Text) ?? SentimentLexicon.Score(comment.Text) },
        CourseEvent course => OfCourse(course.CourseId, catalogue),
        OfferEvent offer => new EventFacts { Product = catalogue.FindProduct(offer.PartnerId, offer.ProductId)?.Ordinal ?? -1 },
        _ => EventFacts.None,
    };

    private static EventFacts OfCourse(string courseId, CatalogueSnapshot catalogue)
    {
        if (catalogue.FindCourse(courseId) is not { } entry)
        {
            return EventFacts.None;
        }

        return new EventFacts
        {
            Course = entry.Ordinal,
            Category = entry.Category,
            Concepts = entry.Concepts.Length <= ConceptsAtMost ? entry.Concepts : entry.Concepts[..ConceptsAtMost],
            ListPriceMinorUnits = entry.Course.ListPrice.MinorUnits,
            Currency = entry.Course.ListPrice.Currency,
            Vector = entry.Ordinal < catalogue.Vectors.Count ? catalogue.Vectors.Of(entry.Ordinal).ToArray() : [],
        };
    }
}
