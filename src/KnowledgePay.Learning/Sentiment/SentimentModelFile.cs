using KnowledgePay.Decisions.Sentiment;
using KnowledgePay.Learning.ModelFiles;

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
        foreach (ref readonly SentimentBucket bucket in model.Buckets)
        {
            used += bucket.FrequencyScale != 0 ? 1 : 0;
        }

        writer.Write(used);
        for (int at = 0; at < model.Buckets.Length; at++)
        {
            ref readonly SentimentBucket bucket = ref model.Buckets[at];
            if (bucket.FrequencyScale != 0)
            {
                writer.Write(at);
                writer.Write(bucket.FrequencyWeight);
                writer.Write(bucket.FrequencyScale);
                writer.Write(bucket.RatioWeight);
                writer.Write(bucket.RatioScale);
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

        var table = new SentimentBucket[buckets];
        int used = reader.ReadCount(20);
        for (int i = 0; i < used; i++)
        {
            int bucket = reader.ReadInt32();
            if ((uint)bucket >= (uint)buckets)
            {
                throw new FormatException($"It names bucket {bucket}.");
            }

            table[bucket] = new SentimentBucket(reader.ReadSingle(), reader.ReadSingle(), reader.ReadSingle(), reader.ReadSingle());
        }

        return new SentimentModel(longestGram, table, lexicon, bias, slope, offset);
    });
}
