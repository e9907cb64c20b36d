namespace KnowledgePay.Server.Models;

/// <summary>What may be taken in.</summary>
public sealed class ModelUploadOptions
{
    public const string Section = "KnowledgePay:Models";

    /// <summary>Bytes of an uploaded model at most.</summary>
    public int UploadBytes { get; set; } = 256 << 20;
}
