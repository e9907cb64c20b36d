using KnowledgePay.Decisions.Recommending.Models;
using KnowledgePay.Learning.ModelFiles;
using KnowledgePay.Learning.Onnx;

namespace KnowledgePay.Learning.Recommenders;

/// <summary>Scorers in a model's body: a number that says which, then its arrays. A number is never given to another scorer.</summary>
internal static class ScorerFormat
{
    private const byte Popularity = 1;
    private const byte ItemWeights = 2;
    private const byte ItemNeighbours = 3;
    private const byte Factors = 4;
    private const byte PersonNeighbours = 5;
    private const byte Transitions = 6;
    private const byte Blend = 7;
    private const byte ColdItems = 8;
    private const byte TwoTower = 9;
    private const byte OrderedItemWeights = 10;
    private const byte SelfAttention = 11;
    private const byte Trend = 12;
    private const byte OnnxModel = 13;
    private const byte ShortHistory = 14;
    private const byte BlendByLength = 15;

    /// <summary>Parts of a blend at most.</summary>
    private const int MostParts = 256;

    public static void Write(BinaryWriter writer, IHistoryScorer scorer)
    {
        switch (scorer)
        {
            case PopularityScorer popularity:
                writer.Write(Popularity);
                writer.WriteArray<float>(popularity.Weights);
                break;
            case ItemWeightScorer dense:
                writer.Write(dense.Decay == 1 ? ItemWeights : OrderedItemWeights);
                writer.Write(dense.Items);
                writer.WriteArray<int>(dense.Covered);
                writer.WriteArray<float>(dense.Weights);
                if (dense.Decay != 1)
                {
                    writer.Write(dense.Decay);
                }

                break;
            case ItemNeighbourScorer neighbours:
                writer.Write(ItemNeighbours);
                writer.WriteArray<int>(neighbours.Starts);
                writer.WriteArray<int>(neighbours.Neighbours);
                writer.WriteArray<float>(neighbours.Weights);
                writer.Write(neighbours.InflowExponent);
                break;
            case FactorScorer factors:
                writer.Write(Factors);
                writer.WriteArray<float>(factors.Factors);
                writer.Write(factors.Dimensions);
                writer.Write(factors.UnobservedWeight);
                writer.Write(factors.Regularisation);
                writer.Write(factors.FrequencyPower);
                break;
            case PersonNeighbourScorer people:
                writer.Write(PersonNeighbours);
                writer.Write(people.Items);
                writer.WriteArray<int>(people.Starts);
                writer.WriteArray<int>(people.Taken);
                writer.Write(people.Neighbours);
                writer.Write(people.Rarity);
                writer.Write(people.Power);
                break;
            case TransitionScorer transitions:
                writer.Write(Transitions);
                writer.WriteArray<int>(transitions.Starts);
                writer.WriteArray<int>(transitions.Followers);
                writer.WriteArray<float>(transitions.Weights);
                writer.Write(transitions.Decay);
                break;
            case BlendScorer blend:
                writer.Write(blend.Shorter.Length == 0 ? Blend : BlendByLength);
                writer.WriteArray<float>(blend.Weights);
                if (blend.Shorter.Length > 0)
                {
                    writer.WriteArray<int>([.. blend.Shorter.Select(one => one.UpTo)]);
                    Array.ForEach(blend.Shorter, one => writer.WriteArray<float>(one.Weights));
                }

                Array.ForEach(blend.Parts, part => Write(writer, part));
                break;
            case ColdItemScorer cold:
                writer.Write(ColdItems);
                Write(writer, cold.Inner);
                writer.WriteArray<int>(cold.Cold);
                writer.WriteArray<int>(cold.Starts);
                writer.WriteArray<int>(cold.Neighbours);
                writer.WriteArray<float>(cold.Cosines);
                break;
            case TwoTowerScorer towers:
                writer.Write(TwoTower);
                writer.WriteArray<float>(towers.Inputs);
                writer.WriteArray<float>(towers.Dense);
                writer.WriteArray<float>(towers.DenseBias);
                writer.WriteArray<float>(towers.Outputs);
                writer.WriteArray<float>(towers.OutputBias);
                break;
            case SelfAttentionScorer attention:
                writer.Write(SelfAttention);
                Write(writer, attention.Weights);
                break;
            case TrendScorer trend:
                writer.Write(Trend);
                writer.WriteArray<long>(trend.Times);
                writer.WriteArray<float>(trend.Weights);
                break;
            case ShortHistoryScorer leaning:
                writer.Write(ShortHistory);
                Write(writer, leaning.Inner);
                writer.WriteArray<float>(leaning.Popularity);
                writer.WriteArray<int>(leaning.Lengths);
                writer.WriteArray<float>(leaning.Weights);
                break;
            case OnnxScorer onnx:
                writer.Write(OnnxModel);
                writer.Write(onnx.Items);
                writer.WriteArray<byte>(onnx.Model);
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
            OrderedItemWeights => new ItemWeightScorer(reader.ReadInt32(), reader.ReadArray<int>(), reader.ReadArray<float>(), reader.ReadSingle()),
            ItemNeighbours => new ItemNeighbourScorer(reader.ReadArray<int>(), reader.ReadArray<int>(), reader.ReadArray<float>(), reader.ReadSingle()),
            Factors => new FactorScorer(reader.ReadArray<float>(), reader.ReadInt32(), reader.ReadSingle(), reader.ReadSingle(), reader.ReadSingle()),
            PersonNeighbours => new PersonNeighbourScorer(
                reader.ReadInt32(), reader.ReadArray<int>(), reader.ReadArray<int>(), reader.ReadInt32(), reader.ReadSingle(), reader.ReadSingle()),
            Transitions => new TransitionScorer(reader.ReadArray<int>(), reader.ReadArray<int>(), reader.ReadArray<float>(), reader.ReadSingle()),
            Blend or BlendByLength => ReadBlend(reader, kind == BlendByLength),
            TwoTower => new TwoTowerScorer(
                reader.ReadArray<float>(), reader.ReadArray<float>(), reader.ReadArray<float>(), reader.ReadArray<float>(), reader.ReadArray<float>()),
            ColdItems => new ColdItemScorer(Read(reader), reader.ReadArray<int>(), reader.ReadArray<int>(), reader.ReadArray<int>(), reader.ReadArray<float>()),
            SelfAttention => new SelfAttentionScorer(ReadSelfAttention(reader)),
            Trend => new TrendScorer(reader.ReadArray<long>(), reader.ReadArray<float>()),
            OnnxModel => ReadOnnx(reader),
            ShortHistory => new ShortHistoryScorer(Read(reader), reader.ReadArray<float>(), reader.ReadArray<int>(), reader.ReadArray<float>()),
            _ => throw new ArgumentException($"There is no scorer {kind}."),
        };
    }

    private static OnnxScorer ReadOnnx(BinaryReader reader)
    {
        int items = reader.ReadInt32();
        return OnnxScorer.Load(reader.ReadArray<byte>(), "the stored ONNX model", items);
    }

    private static BlendScorer ReadBlend(BinaryReader reader, bool byLength)
    {
        float[] weights = reader.ReadArray<float>();
        if (weights.Length > MostParts)
        {
            throw new ArgumentException($"A blend has {weights.Length} parts; at most {MostParts} are read.");
        }

        ShortBlend[]? shorter = byLength ? Array.ConvertAll(reader.ReadArray<int>(), upTo => new ShortBlend(upTo, reader.ReadArray<float>())) : null;
        return new BlendScorer(Array.ConvertAll(weights, _ => Read(reader)), weights, shorter);
    }

    private static void Write(BinaryWriter writer, SelfAttentionWeights weights)
    {
        writer.Write(weights.Heads);
        writer.Write(weights.Blocks.Length);
        foreach (float[] array in (float[][])[weights.Vectors, weights.Places, weights.ItemBias, weights.FinalGain, weights.FinalBias, .. weights.Blocks.SelectMany(block => block.Arrays)])
        {
            writer.WriteArray<float>(array);
        }
    }

    private static SelfAttentionWeights ReadSelfAttention(BinaryReader reader)
    {
        int heads = reader.ReadInt32(), blocks = reader.ReadInt32();
        if (blocks is < 1 or > MostParts)
        {
            throw new ArgumentException($"A network has {blocks} blocks; 1 to {MostParts} are read.");
        }

        var weights = new SelfAttentionWeights(
            heads, reader.ReadArray<float>(), reader.ReadArray<float>(), reader.ReadArray<float>(), reader.ReadArray<float>(), reader.ReadArray<float>(), new SelfAttentionBlock[blocks]);
        for (int block = 0; block < blocks; block++)
        {
            var arrays = new float[SelfAttentionWeights.ArraysOfBlock][];
            for (int k = 0; k < arrays.Length; k++)
            {
                arrays[k] = reader.ReadArray<float>();
            }

            weights.Blocks[block] = SelfAttentionBlock.Of(arrays);
        }

        return weights;
    }
}
