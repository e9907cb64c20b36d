using KnowledgePay.Contracts.Grains;
using KnowledgePay.Decisions.Catalogue;
using KnowledgePay.Grains.Catalogue;
using KnowledgePay.Storage;
using Microsoft.Extensions.Logging;
using Orleans;

namespace KnowledgePay.Grains.Projections;

/// <summary>Pushes changed aggregates to the grains of their courses and products.</summary>
/// <remarks>A push carries the whole state as of a watermark, so one that is lost or doubled does no harm: the next replaces it.</remarks>
public sealed partial class AggregatePublisher(IGrainFactory grains, ICatalogue catalogue, IEngineStore store, ILogger<AggregatePublisher> logger)
{
    private readonly Dictionary<(bool, int), ChangedAggregate> _pending = [];
    private Task _sending = Task.CompletedTask;

    /// <summary>False until the silo runs: grains cannot be called before.</summary>
    public bool IsOpen { get; set; }

    public void Publish(long watermark, List<ChangedAggregate> changed)
    {
        foreach (ChangedAggregate change in changed)
        {
            _pending[(change.IsProduct, change.Ordinal)] = change;
        }

        if (!IsOpen || _pending.Count == 0 || !_sending.IsCompleted)
        {
            return;
        }

        ChangedAggregate[] batch = [.. _pending.Values];
        _pending.Clear();
        _sending = Task.Run(() => Send(watermark, batch));
    }

    private async Task Send(long watermark, ChangedAggregate[] batch)
    {
        CatalogueSnapshot current = catalogue.Current;
        int partition = store.Journal.Partition;
        foreach (ChangedAggregate change in batch)
        {
            try
            {
                var push = new AggregatePush { Partition = partition, Watermark = watermark, State = change.State };
                if (change.IsProduct)
                {
                    if (change.Ordinal < current.Products.Length && current.Products[change.Ordinal] is { } product)
                    {
                        await grains.GetGrain<IProductGrain>(ProductGrainKeys.Of(product.Product.PartnerId, product.Product.Id)).Push(push).ConfigureAwait(false);
                    }
                }
                else if (change.Ordinal < current.Courses.Length && current.Courses[change.Ordinal] is { } course)
                {
                    await grains.GetGrain<ICourseGrain>(course.Course.Id).Push(push).ConfigureAwait(false);
                }
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                LogPushFailed(e);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "An aggregate could not be pushed to its grain; the next change carries it again.")]
    private partial void LogPushFailed(Exception e);
}

/// <summary>Keys of product grains: <c>partner/product</c>; the slash is no character of an id.</summary>
public static class ProductGrainKeys
{
    public static string Of(string partnerId, string productId) => partnerId + "/" + productId;
}
