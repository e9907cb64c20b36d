namespace KnowledgePay.Learning.Interactions;

/// <summary>An interactions file in memory.</summary>
public sealed record InteractionSet(IdTable Users, IdTable Items, InteractionMatrix Matrix, InteractionQuality Quality);
