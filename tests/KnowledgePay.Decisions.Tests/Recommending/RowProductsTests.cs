using CsCheck;
using KnowledgePay.Decisions.Recommending.Models;

namespace KnowledgePay.Decisions.Tests.Recommending;

public sealed class RowProductsTests
{
    [Fact]
    public void Every_row_is_met_whatever_the_shape()
    {
        Gen.Select(Gen.Int[0, 13], Gen.Int[1, 40], Gen.Int).Sample((rows, width, seed) =>
        {
            var random = new Random(seed);
            float[] matrix = [.. Enumerable.Range(0, rows * width).Select(_ => random.NextSingle() - 0.5f)], vector = [.. Enumerable.Range(0, width).Select(_ => random.NextSingle())];
            var products = new float[rows];
            Array.Fill(products, 2f);
            RowProducts.Add(matrix, vector, products);
            return Enumerable.Range(0, rows).All(row => Math.Abs(products[row] - 2 - Enumerable.Range(0, width).Sum(k => (double)matrix[(row * width) + k] * vector[k])) < 1e-5);
        });
    }

    [Fact]
    public void A_row_has_the_same_product_wherever_it_is()
    {
        var random = new Random(4);
        float[] row = [.. Enumerable.Range(0, 64).Select(_ => random.NextSingle())], vector = [.. Enumerable.Range(0, 64).Select(_ => random.NextSingle())];
        var products = new float[7];
        RowProducts.Add([.. Enumerable.Repeat(row, 7).SelectMany(own => own)], vector, products);
        Assert.Single(products.Distinct());
        Assert.Throws<ArgumentException>(() => RowProducts.Add(row, vector, products));
    }
}
