using KnowledgePay.Learning.Files;
using KnowledgePay.Learning.ModelFiles;
using KnowledgePay.Learning.Recommenders;

namespace KnowledgePay.Learning.Tests.Recommenders;

public sealed class ModelFileTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("kpm-").FullName;

    public void Dispose() => Directory.Delete(_directory, true);

    private string ModelPath => Path.Combine(_directory, ModelFile.Name);

    private byte[] Saved()
    {
        new RecommenderLearning(new RecommenderOptions { Algorithm = "ease" }, TimeProvider.System).Learn(TasteWorld.Set(TasteWorld.Make(users: 40)), null).Model.Save(_directory);
        return File.ReadAllBytes(ModelPath);
    }

    private string Refusal() => Assert.Throws<InputException>(() => RecommenderModel.Load(_directory)).Message;

    [Fact]
    public void A_file_cut_short_anywhere_is_refused()
    {
        byte[] whole = Saved();
        foreach (int length in new[] { 0, 5, 11, 12, 40, 41, whole.Length / 2, whole.Length - 33, whole.Length - 1 })
        {
            File.WriteAllBytes(ModelPath, whole[..length]);
            string message = Refusal();
            Assert.StartsWith(ModelPath, message, StringComparison.Ordinal);
            Assert.True(length < 12 || message.Contains("truncated", StringComparison.Ordinal), message);
        }
    }

    [Fact]
    public void A_byte_that_is_altered_is_noticed()
    {
        byte[] whole = Saved();
        foreach (int at in new[] { 14, 60, whole.Length / 2, whole.Length - 45, whole.Length - 5 })
        {
            byte[] altered = [.. whole];
            altered[at] ^= 4;
            File.WriteAllBytes(ModelPath, altered);
            Assert.Contains("damaged", Refusal(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_newer_format_another_kind_and_no_model_at_all_are_refused_by_name()
    {
        ModelFile.Write(_directory, RecommenderModel.Kind, RecommenderModel.FormatVersion + 1, "ease", _ => { });
        Assert.Contains($"version {RecommenderModel.FormatVersion + 1}", Refusal(), StringComparison.Ordinal);
        ModelFile.Write(_directory, "risk", 1, "boosted", _ => { });
        Assert.Contains("'risk' (boosted)", Refusal(), StringComparison.Ordinal);
        File.WriteAllText(ModelPath, "not a model at all, whatever its name says");
        Assert.Contains("no model file", Refusal(), StringComparison.Ordinal);
        File.Delete(ModelPath);
        Assert.Contains("there is none", Refusal(), StringComparison.Ordinal);
    }
}
