namespace KnowledgePay.Server.Models;

/// <summary>The kinds that the server learns from its own journal; <c>kpay learn</c> learns the others from files.</summary>
public sealed class ModelTrainings(IEnumerable<IModelTraining> trainings)
{
    private readonly Dictionary<string, IModelTraining> _byKind = trainings.ToDictionary(t => t.Kind, StringComparer.Ordinal);

    public IReadOnlyCollection<string> Kinds => _byKind.Keys;

    /// <summary>Null for a kind that is not learned here.</summary>
    public IModelTraining? Of(string kind) => _byKind.GetValueOrDefault(kind);
}
