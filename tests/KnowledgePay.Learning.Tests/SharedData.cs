using System.IO.Compression;

namespace KnowledgePay.Learning.Tests;

/// <summary>Real data beside the repository; tests that need it are skipped where it is not.</summary>
internal static class SharedData
{
    public static string File(string name)
    {
        for (DirectoryInfo? at = new(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            string path = Path.Combine(at.FullName, "..", "shared", "data", name);
            if (System.IO.File.Exists(Path.Combine(at.FullName, "KnowledgePay.Orleans.sln")))
            {
                if (!System.IO.File.Exists(path))
                {
                    break;
                }

                return Path.GetFullPath(path);
            }
        }

        Assert.Skip($"The data set {name} is not beside the repository.");
        return "";
    }

    /// <summary>The lines of a plain or compressed file.</summary>
    public static IEnumerable<string> Lines(string name)
    {
        string path = File(name);
        using Stream file = System.IO.File.OpenRead(path);
        using var reader = new StreamReader(path.EndsWith(".gz", StringComparison.Ordinal) ? new GZipStream(file, CompressionMode.Decompress) : file);
        while (reader.ReadLine() is { } line)
        {
            yield return line;
        }
    }
}
