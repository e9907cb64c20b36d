using System.Security.Cryptography;
using KnowledgePay.Contracts;

namespace KnowledgePay.Server.Models;

/// <summary>A model that was learned, before it has a version.</summary>
/// <param name="Report">The learner's report, as JSON.</param>
public sealed record LearnedModel(byte[] Bytes, string Report, TrainedOn TrainedOn, HoldoutMetrics? Metrics, HoldoutMetrics? Baseline)
{
    /// <summary>What it went on from; null when it was learned anew.</summary>
    public RefitOf? Refit { get; init; }

    /// <summary>Of the bytes, hexadecimal.</summary>
    public string Sha256 { get; } = HashOf(Bytes);

    /// <inheritdoc cref="Sha256"/>
    public static string HashOf(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));
}

/// <summary>Learns one kind of model from the journal.</summary>
public interface IModelTraining
{
    /// <summary>The kind, as in <see cref="ModelKinds"/>.</summary>
    string Kind { get; }

    /// <summary>Names that a training request may give.</summary>
    IReadOnlyList<string> Algorithms { get; }

    string DefaultAlgorithm { get; }

    /// <summary>For the model card.</summary>
    string IntendedUse { get; }

    /// <inheritdoc cref="IntendedUse"/>
    IReadOnlyList<string> Limitations { get; }

    /// <param name="progress">Told the share that is done and what is being done.</param>
    /// <exception cref="Learning.Files.InputException">There is too little to learn from.</exception>
    Task<LearnedModel> Learn(string algorithm, long seed, Action<double, string> progress, CancellationToken cancellation);

    /// <summary>Whether a version can go on from an earlier one instead of being learned anew.</summary>
    bool CanRefit => false;

    /// <summary>Learns what came after an earlier version's data, with its settings and from where it was.</summary>
    /// <inheritdoc cref="Learn"/>
    /// <exception cref="Learning.Files.InputException">There is nothing new, or the earlier version is none to go on from.</exception>
    Task<LearnedModel> Refit(ModelVersion earlier, byte[] bytes, long seed, Action<double, string> progress, CancellationToken cancellation) =>
        throw new NotSupportedException($"Versions of {Kind} are learned anew.");

    /// <summary>Why a version must not serve; null when it may.</summary>
    string? Gate(ModelVersion version);

    /// <summary>Makes this silo serve a version.</summary>
    /// <exception cref="Learning.Files.InputException">The bytes are no model that this program reads.</exception>
    void Serve(ModelVersion version, byte[] bytes);

    /// <summary>Whether a version of this kind can be tried beside the one that serves.</summary>
    bool CanBeTried => false;

    /// <summary>Whether a version on trial can decide about a share of the people; else it is only watched.</summary>
    bool CanDecideOnTrial => false;

    /// <summary>Lets a challenger decide about its share of the people on this silo; null when none is on trial any more.</summary>
    /// <exception cref="Learning.Files.InputException">The bytes are no model that this program reads.</exception>
    void Try(ModelVersion? challenger, byte[] bytes)
    {
    }
}
