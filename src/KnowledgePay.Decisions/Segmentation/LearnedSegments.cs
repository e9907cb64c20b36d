using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Numerics.Tensors;
using KnowledgePay.Decisions.Credit;
using KnowledgePay.Decisions.Profiles;

namespace KnowledgePay.Decisions.Segmentation;

/// <summary>How a feature becomes a coordinate: (value − <paramref name="Centre"/>) ⁄ <paramref name="Scale"/>, a missing one as <paramref name="Fill"/>.</summary>
/// <param name="Feature">Its place in <see cref="SegmentFeatures.Names"/>.</param>
public readonly record struct SegmentCoordinate(int Feature, double Fill, double Centre, double Scale);

/// <summary>Segments that were learned from people's features: a person is in the segment of the nearest point. Immutable; assigning allocates nothing.</summary>
public sealed class LearnedSegments
{
    private const int LargestOnStack = 128;

    private readonly ImmutableArray<SegmentCoordinate> _coordinates;
    private readonly FrozenDictionary<string, int> _occupations;
    private readonly double[] _points;
    private readonly int[] _segmentOf;
    private readonly double _squaredReach;
    private readonly CurrencyScale _scale;
    private readonly ImmutableArray<LearnedSegment> _segments;

    /// <param name="version">What decisions call it.</param>
    /// <param name="coordinates">Of the numbers, first in a point.</param>
    /// <param name="occupations">Names that have a coordinate each (1 for who has said so), behind the numbers.</param>
    /// <param name="points">One behind the other.</param>
    /// <param name="segmentOf">By point, its segment's place among <paramref name="names"/>.</param>
    /// <param name="reach">Largest distance to a point; infinite where everybody belongs to some segment.</param>
    /// <exception cref="ArgumentException">The parts do not fit each other.</exception>
    public LearnedSegments(
        string version, IEnumerable<SegmentCoordinate> coordinates, IReadOnlyList<string> occupations, double[] points, int[] segmentOf, double reach, IReadOnlyList<string> names, CurrencyScale scale)
    {
        _coordinates = [.. coordinates];
        if (points.Length != segmentOf.Length * (_coordinates.Length + occupations.Count)
            || segmentOf.Any(segment => segment < 0 || segment >= names.Count) || _coordinates.Any(one => one.Feature < 0 || one.Feature >= SegmentFeatures.Count))
        {
            throw new ArgumentException($"{segmentOf.Length} points of {points.Length} numbers for {_coordinates.Length} features, {occupations.Count} occupations and {names.Count} segments: they do not fit.", nameof(points));
        }

        Version = version;
        _occupations = occupations.Index().ToFrozenDictionary(one => one.Item, one => one.Index, StringComparer.Ordinal);
        (_points, _segmentOf, _squaredReach, _scale) = (points, segmentOf, reach * reach, scale);
        _segments = [.. names.Select(name => new LearnedSegment(name, version))];
    }

    public string Version { get; }

    /// <summary>Names, by number.</summary>
    public IEnumerable<string> Names => _segments.Select(segment => segment.Name);

    /// <summary>The person's segment at a moment; null for who was never seen, refuses personalisation, or is like nobody that the segments were learned from.</summary>
    public LearnedSegment? Of(UserProfile profile, DateTimeOffset now)
    {
        if (!SegmentFeatures.CanHave(profile) || _segmentOf.Length == 0)
        {
            return null;
        }

        int width = _coordinates.Length + _occupations.Count;
        Span<double> features = stackalloc double[SegmentFeatures.Count];
        Span<double> at = width <= LargestOnStack ? stackalloc double[width] : new double[width];
        SegmentFeatures.Read(profile, now, _scale, features);
        for (int i = 0; i < _coordinates.Length; i++)
        {
            SegmentCoordinate coordinate = _coordinates[i];
            double value = features[coordinate.Feature];
            at[i] = ((double.IsNaN(value) ? coordinate.Fill : value) - coordinate.Centre) / coordinate.Scale;
        }

        at[_coordinates.Length..].Clear();
        if (profile.Occupation is { } occupation && _occupations.TryGetValue(occupation, out int place))
        {
            at[_coordinates.Length + place] = 1;
        }

        int nearest = 0;
        double least = double.PositiveInfinity;
        for (int point = 0; point < _segmentOf.Length; point++)
        {
            double distance = TensorPrimitives.Distance<double>(at, _points.AsSpan(point * width, width));
            if (distance < least)
            {
                (nearest, least) = (point, distance);
            }
        }

        return least * least <= _squaredReach ? _segments[_segmentOf[nearest]] : null;
    }
}

/// <summary>A segment that a person is in, and the model that says so.</summary>
public readonly record struct LearnedSegment(string Name, string Model);
