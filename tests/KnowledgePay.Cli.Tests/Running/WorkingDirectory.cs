using System.IO.Compression;
using System.Text;

namespace KnowledgePay.Cli.Tests.Running;

/// <summary>A directory of a test's own.</summary>
internal sealed class WorkingDirectory : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("kpay-cli-").FullName;

    public string At(string name) => System.IO.Path.Combine(Path, name);

    public string Write(string name, string text) => Write(name, Encoding.UTF8.GetBytes(text));

    public string Write(string name, byte[] bytes)
    {
        File.WriteAllBytes(At(name), bytes);
        return At(name);
    }

    public string Zip(string name, string text)
    {
        using var file = new GZipStream(File.Create(At(name)), CompressionLevel.Fastest);
        file.Write(Encoding.UTF8.GetBytes(text));
        return At(name);
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
