using KnowledgePay.Decisions.Sentiment;
using KnowledgePay.Learning.Artefacts;

namespace KnowledgePay.Learning.Sentiment;

/// <summary>A sentiment model in a model directory. Only the buckets that count are stored.</summary>
public static class SentimentModelFile
{
    public const string Kind = "sentiment";
    private const int Format = 1;

    public static void Write(string directory, SentimentModel model) => BinaryPart.Write(directory, Kind, Format, writer =>
    {
        writer.Write(model.LongestGram);
        writer.Write(model.LexiconWeight);
        writer.Write(model.Bias);
        writer.Write(model.Slope);
        writer.Write(model.Offset);
        writer.Write(model.Buckets.Length);
        int used = 0;
        foreach ((_, float scale) in model.Buckets)
        {
            used += scale != 0 ? 1 : 0;
        }

        writer.Write(used);
        for (int bucket = 0; bucket < model.Buckets.Length; bucket++)
        {
            (float weight, float scale) = model.Buckets[bucket];
            if (scale != 0)
            {
                writer.Write(bucket);
                writer.Write(weight);
                writer.Write(scale);
            }
        }
    });

    public static SentimentModel Read(string directory) => BinaryPart.Read(directory, Kind, Format, (reader, _) =>
    {
        int longestGram = reader.ReadInt32();
        float lexicon = reader.ReadSingle();
        float bias = reader.ReadSingle();
        double slope = reader.ReadDouble();
        double offset = reader.ReadDouble();
        int buckets = reader.ReadInt32();
        if (buckets is < 2 or > 1 << 26)
        {
            throw new FormatException($"It has {buckets} buckets.");
        }

        var table = new (float Weight, float Scale)[buckets];
        int used = reader.ReadCount(12);
        for (int i = 0; i < used; i++)
        {
            int bucket = reader.ReadInt32();
            if ((uint)bucket >= (uint)buckets)
            {
                throw new FormatException($"It names bucket {bucket}.");
            }

            table[bucket] = (reader.ReadSingle(), reader.ReadSingle());
        }

        return new SentimentModel(longestGram, table, lexicon, bias, slope, offset);
    });
}
