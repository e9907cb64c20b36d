using CsCheck;
using KnowledgePay.Decisions.Catalogue;

namespace KnowledgePay.Decisions.Tests.Catalogue;

public sealed class VectorQuantiserTests
{
    [Fact]
    public void What_is_restored_is_off_by_half_a_step_at_most() =>
        Gen.Select(Gen.Float[-1e20f, 1e20f].Array[64], Gen.Int[1, 127], Gen.Float[1e-20f, 1f]).Sample((vector, largest, factor) =>
        {
            for (int d = 0; d < vector.Length; d++)
            {
                vector[d] *= factor;
            }

            sbyte[] codes = new sbyte[64];
            float scale = VectorQuantiser.Quantise(vector, codes, largest);
            float[] restored = new float[64];
            VectorQuantiser.Restore(codes, scale, restored);
            Assert.All(codes, c => Assert.InRange(c, -largest, largest));
            for (int d = 0; d < vector.Length; d++)
            {
                Assert.InRange(Math.Abs(restored[d] - vector[d]), 0f, (scale * 0.5001f) + 1e-30f);
            }
        }, iter: 300);

    [Fact]
    public void Restoring_works_at_every_length() => Gen.SByte.Array[0, 70].Sample(codes =>
    {
        float[] restored = new float[codes.Length];
        VectorQuantiser.Restore(codes, 0.25f, restored);
        Assert.Equal(codes.Select(c => c * 0.25f), restored);
    }, iter: 100);

    [Fact]
    public void A_vector_of_nothing_has_no_scale()
    {
        sbyte[] codes = [1, 2, 3];
        Assert.Equal(0f, VectorQuantiser.Quantise([0f, -0f, 1e-38f], codes));
        Assert.Equal(new sbyte[3], codes);
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void A_number_that_is_not_finite_is_refused(float wrong) =>
        Assert.Throws<ArgumentException>(() => VectorQuantiser.Quantise([1f, wrong], new sbyte[2]));

    [Fact]
    public void Lengths_must_fit()
    {
        Assert.Throws<ArgumentException>(() => VectorQuantiser.Quantise([1f, 2f], new sbyte[3]));
        Assert.Throws<ArgumentException>(() => new CourseVectors(new sbyte[65], new float[1]));
    }
}
