namespace KnowledgePay.Learning.Interactions;

/// <summary>An interactions file in memory.</summary>
public sealed record InteractionSet(IdTable Users, IdTable Items, InteractionMatrix Matrix, InteractionQuality Quality)
{
    /// <summary>The same with room for items that were added to <see cref="Items"/> since.</summary>
    public InteractionSet WithAddedItems() => this with { Matrix = new InteractionMatrix(Items.Count, Matrix.Starts, Matrix.Entries.ToArray(), Matrix.Weights) };

    /// <summary>The same with interactions that count differently.</summary>
    public InteractionSet WithWeights(InteractionWeights weights) => this with { Matrix = new InteractionMatrix(Matrix.Items, Matrix.Starts, Matrix.Entries.ToArray(), weights) };
}
