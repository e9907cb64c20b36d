using KnowledgePay.Learning.Files;
using KnowledgePay.Learning.ModelFiles;
using KnowledgePay.Learning.Recommenders;

namespace KnowledgePay.Server.Models;

/// <summary>Recommenders as the bytes of their model file.</summary>
public sealed class RecommenderFiles
{
    /// <exception cref="InputException">The bytes are no recommender that this program reads.</exception>
    public RecommenderModel Read(byte[] bytes)
    {
        string directory = Directory.CreateTempSubdirectory("kpay-model-").FullName;
        try
        {
            File.WriteAllBytes(Path.Combine(directory, ModelFile.Name), bytes);
            return RecommenderModel.Load(directory);
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    public byte[] Write(RecommenderModel model)
    {
        string directory = Directory.CreateTempSubdirectory("kpay-model-").FullName;
        try
        {
            model.Save(directory);
            return File.ReadAllBytes(Path.Combine(directory, ModelFile.Name));
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }
}
