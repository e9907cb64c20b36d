using KnowledgePay.Contracts.Grains;
using KnowledgePay.Contracts.Partners;
using KnowledgePay.Decisions.Projections;
using KnowledgePay.Grains.Catalogue;
using KnowledgePay.Grains.Projections;

namespace KnowledgePay.Grains.Aggregates;

/// <summary>One partner product's figures by day.</summary>
public sealed class ProductGrain(ICatalogue catalogue, SignalStorage storage) : Grain, IProductGrain
{
    private readonly PartitionedState<ProductAggregate> _state = new();

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        string[] key = this.GetPrimaryKeyString().Split('/');
        if (key.Length == 2 && catalogue.Current.FindProduct(key[0], key[1]) is { } entry)
        {
            foreach ((int partition, long watermark, byte[] state) in await storage.Find(product: true, entry.Ordinal, cancellationToken))
            {
                _state.Take(partition, watermark, storage.DecodeProduct(state));
            }
        }
    }

    public ValueTask Push(AggregatePush push)
    {
        if (_state.IsNewer(push.Partition, push.Watermark))
        {
            _state.Take(push.Partition, push.Watermark, storage.DecodeProduct(push.State));
        }

        return ValueTask.CompletedTask;
    }

    public ValueTask<ProductFigures> Figures(string name, ProductKind kind, DateOnly from, DateOnly to, int minimumGroup)
    {
        string productId = this.GetPrimaryKeyString().Split('/')[^1];
        return ValueTask.FromResult(ProductFiguresReader.Read(_state.Parts, name, kind, productId, from, to, minimumGroup));
    }
}
