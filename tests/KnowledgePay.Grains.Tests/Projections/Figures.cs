using KnowledgePay.Contracts.Grains;
using KnowledgePay.Contracts.Partners;
using KnowledgePay.Grains.Catalogue;

namespace KnowledgePay.Grains.Tests;

/// <summary>Figures of course and product grains, which follow what is durable a moment later.</summary>
internal static class Figures
{
    private const int Tries = 600;

    /// <summary>The course's figures, once they are as expected or when that takes too long.</summary>
    public static async Task<CourseFigures> Of(TestEngine engine, string course, Func<CourseFigures, bool> expected)
    {
        for (int i = 0; ; i++)
        {
            CourseFigures figures = await engine.Grains.GetGrain<ICourseGrain>(course).Get();
            if (i == Tries || expected(figures))
            {
                return figures;
            }

            await Task.Delay(25, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>A product's figures of yesterday to tomorrow, about two people or more.</summary>
    public static async Task<ProductFigures> OfProduct(TestEngine engine, string partner, string product, Func<ProductFigures, bool> expected)
    {
        DateOnly today = DateOnly.FromDateTime(DateTime.UtcNow);
        for (int i = 0; ; i++)
        {
            ProductFigures figures = await engine.Grains.GetGrain<IProductGrain>(ProductGrainKeys.Of(partner, product))
                .Figures(product, ProductKind.Membership, today.AddDays(-1), today.AddDays(1), 2);
            if (i == Tries || expected(figures))
            {
                return figures;
            }

            await Task.Delay(25, TestContext.Current.CancellationToken);
        }
    }
}
