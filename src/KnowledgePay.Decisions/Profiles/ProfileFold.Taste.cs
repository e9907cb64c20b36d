using System.Numerics.Tensors;
using KnowledgePay.Decisions.Catalogue;

namespace KnowledgePay.Decisions.Profiles;

public static partial class ProfileFold
{
    /// <summary>Lets a signal about the event's course move taste, category and concepts, unless the person refused that.</summary>
    private static void Learn(UserProfile profile, in Moment at, float weight)
    {
        if (weight == 0 || !profile.Consent.Personalisation)
        {
            return;
        }

        EventFacts facts = at.Facts;
        if (facts.Category >= 0)
        {
            float settled = profile.Categories.Settle(at.Ticks);
            profile.Categories.Add(facts.Category, weight * settled, TermAffinities.CategoryCapacity);
        }

        if (facts.Concepts.Length > 0)
        {
            float settled = profile.Concepts.Settle(at.Ticks);
            foreach (int concept in facts.Concepts.AsSpan(0, Math.Min(facts.Concepts.Length, 8)))
            {
                profile.Concepts.Add(concept, weight * settled, TermAffinities.ConceptCapacity);
            }
        }

        if (facts.Vector.Length == CourseVectors.Dimensions)
        {
            MoveTaste(profile, at.Ticks, facts.Vector, weight);
        }
    }

    private static void MoveTaste(UserProfile profile, long ticks, sbyte[] codes, float weight)
    {
        int squares = 0;
        foreach (sbyte code in codes)
        {
            squares += code * code;
        }

        if (squares == 0)
        {
            return;
        }

        float[] taste = profile.Taste ??= new float[CourseVectors.Dimensions];
        if (ticks > profile.TasteTicks)
        {
            TensorPrimitives.Multiply(taste, (float)Decay.Factor(ticks - profile.TasteTicks, Decay.TasteHalfLife), taste);
            profile.TasteTicks = ticks;
        }
        else
        {
            weight *= (float)Decay.Factor(profile.TasteTicks - ticks, Decay.TasteHalfLife);
        }

        float scale = weight / MathF.Sqrt(squares);
        for (int i = 0; i < taste.Length; i++)
        {
            taste[i] += codes[i] * scale;
        }
    }
}
