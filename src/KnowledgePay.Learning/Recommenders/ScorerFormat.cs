using KnowledgePay.Decisions.Recommending.Models;
using KnowledgePay.Learning.ModelFiles;

namespace KnowledgePay.Learning.Recommenders;

/// <summary>Scorers in a model's body: a number that says which, then its arrays. A number is never given to another scorer.</summary>
internal static class ScorerFormat
{
    private const byte Popularity = 1;
    private const byte ItemWeights = 2;
    private const byte ItemNeighbours = 3;

    public static void Write(BinaryWriter writer, IHistoryScorer scorer)
    {
        switch (scorer)
        {
            case PopularityScorer popularity:
                writer.Write(Popularity);
                writer.WriteArray<float>(popularity.Weights);
                break;
            case ItemWeightScorer dense:
                writer.Write(ItemWeights);
                writer.Write(dense.Items);
                writer.WriteArray<int>(dense.Covered);
                writer.WriteArray<float>(dense.Weights);
                break;
            case ItemNeighbourScorer neighbours:
                writer.Write(ItemNeighbours);
                writer.WriteArray<int>(neighbours.Starts);
                writer.WriteArray<int>(neighbours.Neighbours);
                writer.WriteArray<float>(neighbours.Weights);
                writer.Write(neighbours.InflowExponent);
                break;
            default:
                throw new NotSupportedException($"{scorer.GetType().Name} has no stored form.");
        }
    }

    public static IHistoryScorer Read(BinaryReader reader)
    {
        byte kind = reader.ReadByte();
        return kind switch
        {
            Popularity => new PopularityScorer(reader.ReadArray<float>()),
            ItemWeights => new ItemWeightScorer(reader.ReadInt32(), reader.ReadArray<int>(), reader.ReadArray<float>()),
            ItemNeighbours => new ItemNeighbourScorer(reader.ReadArray<int>(), reader.ReadArray<int>(), reader.ReadArray<float>(), reader.ReadSingle()),
            _ => throw new ArgumentException($"There is no scorer {kind}."),
        };
    }
}
