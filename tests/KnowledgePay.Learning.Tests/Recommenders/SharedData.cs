namespace KnowledgePay.Learning.Tests.Recommenders;

/// <summary>Data beside the repository, for tests that are skipped where it is not.</summary>
internal static class SharedData
{
    /// <summary>The path of <c>../shared/data/{file}</c> seen from the repository's root, or null.</summary>
    public static string? Find(string file)
    {
        for (DirectoryInfo? at = new(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            if (File.Exists(Path.Combine(at.FullName, "KnowledgePay.Orleans.sln")))
            {
                string path = Path.Combine(at.FullName, "..", "shared", "data", file);
                return File.Exists(path) ? path : null;
            }
        }

        return null;
    }
}
