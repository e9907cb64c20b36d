namespace KnowledgePay.Grains.Events;

/// <summary>Names of streams in the key store.</summary>
public static class StreamNames
{
    public static string OfUser(string userId) => "u/" + userId;

    public static string OfCourse(string courseId) => "c/" + courseId;

    public static bool IsUser(string name) => name.StartsWith("u/", StringComparison.Ordinal);

    public static string IdOf(string name) => name[2..];
}
