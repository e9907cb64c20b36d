using KnowledgePay.Learning.Files;
using KnowledgePay.Learning.Interactions;
using KnowledgePay.Learning.Items;
using KnowledgePay.Learning.Recommenders;
using KnowledgePay.Learning.Simulation;

namespace KnowledgePay.Learning.Tests.Recommenders;

/// <summary>Vectors of items that were made elsewhere.</summary>
public sealed class ModalityFusionTests
{
    private const int Items = 60, Length = 300;

    [Fact]
    public void What_tells_tastes_apart_gets_the_gate_and_a_course_that_nobody_took_is_placed_by_it()
    {
        using var folder = new TemporaryFolder();
        InteractionSet set = TasteWorld.Set(TasteWorld.Make(users: 400, items: Items));
        string[] lines = [.. Enumerable.Range(0, Items).Select(item => Line($"i{item}", item % TasteWorld.Tastes, hasAudio: item % 3 == 0)), Line("fresh", 1, hasAudio: false)];
        ItemFeatures features = ItemsFile.Read(folder.Write("items.jsonl", string.Join('\n', lines)), set.Items);
        Assert.Equal(["audio", "image"], features.Vectors.Select(vectors => vectors.Modality));
        (RecommenderModel model, RecommenderReport report) = new RecommenderLearning(new RecommenderOptions { Algorithm = "ease" }, TimeProvider.System).Learn(set.WithAddedItems(), features);
        Assert.Equal(1, report.Modalities!.Values.Sum(), 1e-9);
        Assert.InRange(report.Modalities["image"], 0.7, 1);
        Assert.InRange(report.Modalities["audio"], 0, 0.2);
        Assert.InRange(Place(1, 5, 9), 0, 14);
        Assert.InRange(Place(0, 4, 8), 15, Items);

        int Place(params int[] history)
        {
            float[] scores = TasteWorld.Scores(model.Scorer, TasteWorld.History(history));
            return scores.Count(score => score > scores[model.Items.Find("fresh")]);
        }
    }

    [Fact]
    public void A_cosine_is_the_mean_of_what_both_have_by_their_gates()
    {
        using var folder = new TemporaryFolder();
        InteractionSet set = TasteWorld.Set(TasteWorld.Make(users: 400, items: Items));
        ItemFeatures words = ItemsFile.Read(folder.Write("items.jsonl", string.Join('\n', Enumerable.Range(0, Items).Select(item => Line($"i{item}", item % TasteWorld.Tastes, hasAudio: item % 2 == 0)))), set.Items);
        (ItemFeatures fused, IReadOnlyDictionary<string, double> gates) = ModalityFusion.Fuse(words, set.Matrix, 1);
        for (int other = 1; other < 20; other++)
        {
            double sum = gates["words"] * words.Cosine(0, other), one = gates["words"], two = gates["words"];
            foreach (ItemVectors vectors in words.Vectors)
            {
                sum += vectors.Of(0) is { } a && vectors.Of(other) is { } b ? gates[vectors.Modality] * a.Zip(b, (x, y) => (double)x * y).Sum() : 0;
                one += vectors.Of(0) is null ? 0 : gates[vectors.Modality];
                two += vectors.Of(other) is null ? 0 : gates[vectors.Modality];
            }

            Assert.Equal(sum / Math.Sqrt(one * two), fused.Cosine(0, other), 1e-5);
            Assert.Equal(fused.Cosine(0, other), fused.Nearest(0, [other], 1).Select(found => found.Cosine).DefaultIfEmpty((float)Math.Min(0, fused.Cosine(0, other))).Single(), 1e-5);
        }
    }

    [Fact]
    public void Too_little_to_learn_from_leaves_all_gates_the_same_and_odd_vectors_are_left_out()
    {
        var given = new Dictionary<int, float[]> { [0] = [1, 0, 0], [1] = [0, 1, 0], [2] = [1, 1], [3] = [0, 0, 1] };
        ItemVectors vectors = ItemVectors.Make("image", 4, given)!;
        Assert.Null(vectors.Of(2));
        Assert.Equal(1, vectors.Of(0)!.Sum(x => x * x), 1e-5f);
        Assert.Null(ItemVectors.Make("image", 4, new Dictionary<int, float[]> { [0] = [1] }));
        Assert.Null(ItemVectors.Make("image", 4, new Dictionary<int, float[]> { [0] = [1, 2], [1] = [1, 2] }));
        var words = new ItemFeatures([0, 0, 0, 0, 0], [], [], 0, [vectors]);
        Assert.Equal([0.5, 0.5], ModalityFusion.Fuse(words, TasteWorld.Make(users: 4, items: 4, taken: 1), 1).Gates.Values);
    }

    [Fact]
    public void Vectors_that_are_called_as_what_is_written_keep_their_gate_apart()
    {
        ItemVectors vectors = ItemVectors.Make(ModalityFusion.Words, 2, new Dictionary<int, float[]> { [0] = [1, 0], [1] = [0, 1] })!;
        IReadOnlyDictionary<string, double> gates = ModalityFusion.Fuse(new ItemFeatures([0, 0, 0], [], [], 0, [vectors]), TasteWorld.Make(users: 4, items: 2, taken: 1), 1).Gates;
        Assert.Equal(["words", "words*"], gates.Keys);
        Assert.Equal(1, gates.Values.Sum());
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("[1,\"2\"]")]
    [InlineData("[1e39]")]
    [InlineData("7")]
    public void A_vector_that_is_none_is_refused_with_its_line(string vector)
    {
        using var folder = new TemporaryFolder();
        string path = folder.Write("items.jsonl", $"{{\"id\":\"a\",\"embeddings\":{{\"image\":[1,2]}}}}\n{{\"id\":\"b\",\"embeddings\":{{\"image\":{vector}}}}}");
        InputException refused = Assert.Throws<InputException>(() => ItemsFile.Read(path, new IdTable()));
        Assert.Contains("items.jsonl:2", refused.Message, StringComparison.Ordinal);
        Assert.Contains("embeddings.image: expected 1 to 4096 finite numbers.", refused.Message, StringComparison.Ordinal);
    }

    /// <summary>The image says the taste, the sound and the words say nothing.</summary>
    private static string Line(string id, int taste, bool hasAudio)
    {
        SeededRandom own = SeededRandom.For(5, 1, (ulong)id.Sum(c => c * 31)), centre = SeededRandom.For(5, 2, (ulong)taste);
        string image = string.Join(',', Enumerable.Range(0, Length).Select(_ => FormattableString.Invariant($"{3 + centre.Normal() + (0.5 * own.Normal()):F3}")));
        string audio = string.Join(',', Enumerable.Range(0, 20).Select(_ => FormattableString.Invariant($"{own.Normal():F3}")));
        string mood = "calm wild grey".Split(' ')[own.Next(3)], sound = hasAudio ? $",\"audio\":[{audio}]" : "";
        return $$$"""{"id":"{{{id}}}","mood":"{{{mood}}}","embeddings":{"image":[{{{image}}}]{{{sound}}}}}""";
    }
}
