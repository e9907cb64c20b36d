using KnowledgePay.Decisions.Recommending.Models;
using KnowledgePay.Learning.Files;
using KnowledgePay.Learning.Onnx;
using KnowledgePay.Learning.Recommenders;

namespace KnowledgePay.Learning.Tests.Onnx;

public sealed class OnnxImportTests : IDisposable
{
    private const int Items = 5;
    private const int D = 3;

    private static readonly float[] Vectors = [1, 0, 0, 0, 1, 0, 0, 0, 1, 0.5f, 0.5f, 0, -1, 0.25f, 2];

    private readonly string _directory = Directory.CreateTempSubdirectory("kpay-onnx-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Scores_are_the_arithmetic_of_the_model_before_and_after_it_is_stored(bool towers)
    {
        RecommenderModel model = Import(OnnxFile.MeanOfVectors(Vectors, Items, towers: towers).ToBytes());
        model.Save(_directory);
        foreach (RecommenderModel one in (RecommenderModel[])[model, RecommenderModel.Load(_directory)])
        {
            Assert.Equal(["a", "b", "c", "d", "e"], one.Items.Ids);
            foreach (int[] history in (int[][])[[2], [0, 4], [1, 3, 0, 2]])
            {
                float[] scores = Scores(one, history);
                for (int item = 0; item < Items; item++)
                {
                    double expected = history.Average(taken => Enumerable.Range(0, D).Sum(k => (double)Vectors[(taken * D) + k] * Vectors[(item * D) + k]));
                    Assert.Equal(expected, scores[item], 1e-5);
                }
            }

            Assert.Equal(new float[Items], Scores(one));
        }
    }

    [Fact]
    public void A_fixed_length_is_filled_in_front_and_cut_to_the_latest()
    {
        // Ordinal 5 is a row of zeros: what fills up adds nothing to the sum.
        float[] padded = [.. Vectors, 0, 0, 0];
        byte[] bytes = new OnnxFile()
            .Input("history", OnnxFile.Int64, 1, 3).Constant("vectors", padded, Items + 1, D).Constant("ranked", Vectors, Items, D)
            .Node("Gather", ["vectors", "history"], "taken", ("axis", [0])).Node("ReduceMean", ["taken"], "mean", ("axes", [1]), ("keepdims", [0]))
            .Node("Transpose", ["ranked"], "turned", ("perm", [1, 0])).Node("MatMul", ["mean", "turned"], "scores").Output("scores", OnnxFile.Float, 1, Items)
            .Metadata("padding", "5").ToBytes();
        RecommenderModel model = Import(bytes);
        Assert.Equal(1f / 3, Scores(model, 0)[0], 1e-5);
        Assert.Equal(Scores(model, 4, 1, 2), Scores(model, 3, 0, 4, 1, 2));
    }

    [Theory]
    [InlineData("no model", "expected an ONNX model")]
    [InlineData("truncated", "expected an ONNX model")]
    [InlineData("wrong input", "expected one, 'history'")]
    [InlineData("input of floats", "expected int64 [batch, length]")]
    [InlineData("no output", "expected 'scores', or 'person' and 'items'")]
    [InlineData("other count", "is of 4 items; expected 5")]
    [InlineData("not finite", "expected finite numbers")]
    [InlineData("unknown operator", "expected an ONNX model")]
    [InlineData("out of range", "does not run")]
    [InlineData("fixed batch", "fixed batch 2")]
    [InlineData("chance", "other scores the second time")]
    public void What_cannot_serve_is_refused_with_what_was_expected(string what, string says)
    {
        byte[] good = OnnxFile.MeanOfVectors(Vectors, Items).ToBytes();
        OnnxFile Graph(string input, int type, object batch) => new OnnxFile().Input(input, type, batch, "length").Constant("vectors", Vectors, Items, D);
        byte[] bytes = what switch
        {
            "no model" => "hello"u8.ToArray(),
            "truncated" => good[..(good.Length / 2)],
            "wrong input" => Graph("basket", OnnxFile.Int64, "batch").Node("Cast", ["basket"], "scores", ("to", [1])).Output("scores", OnnxFile.Float, "batch", "n").ToBytes(),
            "input of floats" => Graph("history", OnnxFile.Float, "batch").Node("Identity", ["history"], "scores").Output("scores", OnnxFile.Float, "batch", Items).ToBytes(),
            "no output" => Graph("history", OnnxFile.Int64, "batch").Node("Gather", ["vectors", "history"], "taken", ("axis", [0])).Output("taken", OnnxFile.Float, "batch", "length", D).ToBytes(),
            "other count" => OnnxFile.MeanOfVectors(Vectors[..(4 * D)], 4).ToBytes(),
            "not finite" => OnnxFile.MeanOfVectors([.. Vectors[..14], float.NaN], Items).ToBytes(),
            "unknown operator" => Graph("history", OnnxFile.Int64, "batch").Node("Divine", ["history"], "scores").Output("scores", OnnxFile.Float, "batch", Items).ToBytes(),
            "out of range" => new OnnxFile().Input("history", OnnxFile.Int64, "batch", "length").Constant("vectors", Vectors[..D], 1, D).Constant("ranked", Vectors, Items, D)
                .Node("Gather", ["vectors", "history"], "taken", ("axis", [0])).Node("ReduceMean", ["taken"], "mean", ("axes", [1]), ("keepdims", [0]))
                .Node("Transpose", ["ranked"], "turned", ("perm", [1, 0])).Node("MatMul", ["mean", "turned"], "scores").Output("scores", OnnxFile.Float, "batch", Items).ToBytes(),
            "fixed batch" => Graph("history", OnnxFile.Int64, 2).Node("Gather", ["vectors", "history"], "taken", ("axis", [0])).Node("ReduceMean", ["taken"], "mean", ("axes", [1]), ("keepdims", [0]))
                .Node("Transpose", ["vectors"], "turned", ("perm", [1, 0])).Node("MatMul", ["mean", "turned"], "scores").Output("scores", OnnxFile.Float, 2, Items).ToBytes(),
            "chance" => Graph("history", OnnxFile.Int64, "batch").Node("Gather", ["vectors", "history"], "taken", ("axis", [0]))
                .Node("ReduceMean", ["taken"], "mean", ("axes", [1]), ("keepdims", [0])).Node("Transpose", ["vectors"], "turned", ("perm", [1, 0])).Node("MatMul", ["mean", "turned"], "sure")
                .Node("RandomUniformLike", ["sure"], "chance").Node("Add", ["sure", "chance"], "scores").Output("scores", OnnxFile.Float, "batch", Items).ToBytes(),
            _ => throw new ArgumentOutOfRangeException(nameof(what)),
        };
        InputException refused = Assert.Throws<InputException>(() => Import(bytes));
        Assert.Contains("m.onnx", refused.Message, StringComparison.Ordinal);
        Assert.Contains(says, refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("id\na\n", "no column 'item'")]
    [InlineData("item\na\nb\na\n", ":4:1: the item 'a' stands twice")]
    [InlineData("item,n\na,1\n,2\n", ":3:1: the item is missing")]
    [InlineData("item\n", "there are no items")]
    public void A_list_that_is_none_is_refused(string list, string says)
    {
        InputException refused = Assert.Throws<InputException>(() => Import(OnnxFile.MeanOfVectors(Vectors, Items).ToBytes(), list));
        Assert.Contains(says, refused.Message, StringComparison.Ordinal);
    }

    private RecommenderModel Import(byte[] bytes, string list = "item\na\nb\nc\nd\ne\n")
    {
        File.WriteAllBytes(Path.Combine(_directory, "m.onnx"), bytes);
        File.WriteAllText(Path.Combine(_directory, "items.csv"), list);
        return OnnxImport.Read(Path.Combine(_directory, "m.onnx"), Path.Combine(_directory, "items.csv"));
    }

    private static float[] Scores(RecommenderModel model, params int[] history)
    {
        var scores = new float[Items];
        model.Score([.. history.Select((item, at) => new HistoryEntry(item, float.NaN, at))], scores);
        return scores;
    }
}
