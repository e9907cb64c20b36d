using KnowledgePay.Decisions.Segmentation;

namespace KnowledgePay.Decisions.Rules;

/// <summary>Where a person stands right now: what a decision reads that is not in the profile as such but follows from it and the time.</summary>
/// <param name="Segment">One of <see cref="Profiles.Segments"/>.</param>
/// <param name="Risk">Rolling payment risk decayed to now, 0 (none seen) to 1.</param>
/// <param name="Learned">The segment that a learned segmenter says; null where none serves, or it says none, or the decision may not look.</param>
public readonly record struct PersonStanding(byte Segment, float Risk, LearnedSegment? Learned = null);
