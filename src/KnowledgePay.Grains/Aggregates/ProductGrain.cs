using KnowledgePay.Contracts.Grains;
using KnowledgePay.Contracts.Partners;
using KnowledgePay.Decisions.Catalogue;
using KnowledgePay.Decisions.Projections;
using KnowledgePay.Grains.Catalogue;
using KnowledgePay.Grains.Projections;
using Orleans.Concurrency;

namespace KnowledgePay.Grains.Aggregates;

/// <summary>One partner product's figures by day, read off the signals of the caller's own silo: it holds nothing, so that each silo may have one.</summary>
[StatelessWorker]
public sealed class ProductGrain(ICatalogue catalogue, SignalStorage storage) : Grain, IProductGrain
{
    public ValueTask<ProductFigures> Figures(string name, ProductKind kind, DateOnly from, DateOnly to, int minimumGroup)
    {
        string[] key = this.GetPrimaryKeyString().Split('/');
        ProductEntry? entry = key.Length == 2 ? catalogue.Current.FindProduct(key[0], key[1]) : null;
        return ValueTask.FromResult(entry is null
            ? Read(null)
            : storage.ReadProduct(entry.Ordinal, Read));

        ProductFigures Read(ProductAggregate? product) => ProductFiguresReader.Read(product is null ? [] : [product], name, kind, key[^1], from, to, minimumGroup);
    }
}
