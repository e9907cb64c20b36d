using System.Numerics.Tensors;
using CsCheck;
using KnowledgePay.Contracts;
using KnowledgePay.Contracts.Catalogue;
using KnowledgePay.Decisions.Catalogue;

namespace KnowledgePay.Decisions.Tests.Catalogue;

public sealed class CourseTextEncoderTests
{
    private static readonly Course Chess = new()
    {
        Id = "chess",
        Title = "Chess openings for club players",
        Category = "games",
        Tags = ["chess", "strategy"],
        Description = "Gambits, pawn structures and the endgame.",
        ListPrice = new Money("CNY", 100),
    };

    [Fact]
    public void Whatever_is_written_makes_a_unit_vector_or_none() => Gen.Select(Gen.String[0, 300], Gen.String[0, 3000], Gen.String[0, 20].Array[0, 5]).Sample((title, description, tags) =>
    {
        float[] vector = new float[64];
        bool said = CourseTextEncoder.Encode(Chess with { Title = title, Description = description, Tags = [.. tags], Category = null }, vector);
        float norm = TensorPrimitives.Norm<float>(vector);
        Assert.Equal(said ? 1f : 0f, norm, 1e-4);
    }, iter: 300);

    [Fact]
    public void The_same_course_has_the_same_vector_on_every_thread()
    {
        float[] here = Encode(Chess);
        float[][] there = new float[4][];
        Parallel.For(0, 4, i => there[i] = Encode(Chess));
        Assert.All(there, v => Assert.Equal(here, v));
    }

    [Fact]
    public void Nothing_said_is_no_vector()
    {
        float[] vector = [.. Enumerable.Repeat(1f, 64)];
        Assert.False(CourseTextEncoder.Encode(new Course { Id = "x", Title = "the", ListPrice = new Money("CNY", 1) }, vector));
        Assert.All(vector, v => Assert.Equal(0f, v));
    }

    [Fact]
    public void Courses_on_one_subject_are_nearer_than_courses_on_two()
    {
        Course endgames = Chess with { Title = "Chess endgames: pawn and bishop", Description = "Strategy for club players.", Tags = ["chess"] };
        Course soup = Chess with { Title = "Soups of Sichuan", Category = "cooking", Tags = ["soup"], Description = "Broths, spices and noodles." };
        float near = Cosine(Encode(Chess), Encode(endgames));
        float far = Cosine(Encode(Chess), Encode(soup));
        Assert.True(near > far + 0.3f, $"{near} and {far}");
    }

    [Fact]
    public void Chinese_is_compared_by_its_characters()
    {
        Course tang = Chess with { Title = "唐代长安城的历史", Category = "历史", Tags = [], Description = "从长安城看唐代的政治与文化" };
        Course song = Chess with { Title = "唐代历史与长安文化", Category = "历史", Tags = [], Description = "唐代长安城的政治" };
        Course code = Chess with { Title = "编程入门", Category = "计算机", Tags = [], Description = "用递归和循环写程序" };
        Assert.True(Cosine(Encode(tang), Encode(song)) > Cosine(Encode(tang), Encode(code)) + 0.3f);
    }

    [Fact]
    public void A_free_text_is_near_the_courses_that_it_names()
    {
        float[] query = new float[64];
        Assert.True(CourseTextEncoder.EncodeText("chess openings", query));
        Assert.True(Cosine(query, Encode(Chess)) > 0.3f);
        Assert.False(CourseTextEncoder.EncodeText("", query));
    }

    [Fact]
    public void Given_embeddings_pull_courses_together_that_no_word_does()
    {
        float[] given = [.. Enumerable.Range(0, 300).Select(i => MathF.Sin(i * 12.9898f))];
        Course painting = Chess with { Title = "Watercolour", Category = "art", Tags = [], Description = null };
        float without = Cosine(Encode(Chess), Encode(painting));
        float with = Cosine(
            Encode(Chess with { Embeddings = new CourseEmbeddings { Image = [.. given] } }),
            Encode(painting with { Embeddings = new CourseEmbeddings { Image = [.. given] } }));
        Assert.True(with > without + 0.3f, $"{with} and {without}");
    }

    [Fact]
    public void Only_the_first_two_thousand_characters_of_a_field_are_read()
    {
        string text = string.Join(' ', Enumerable.Range(0, 400).Select(i => $"word{i}"))[..2_000];
        Assert.Equal(Encode(Chess with { Description = text }), Encode(Chess with { Description = text + " and much more" }));
    }

    [Fact]
    public void Encoding_one_course_leaves_nothing_behind_for_the_next()
    {
        float[] first = Encode(Chess);
        Encode(Chess with { Title = new string('文', 1_990) + string.Concat(Enumerable.Range(0, 3_000).Select(i => (char)(0x4E00 + i))) });
        Assert.Equal(first, Encode(Chess));
    }

    private static float[] Encode(Course course)
    {
        float[] vector = new float[64];
        CourseTextEncoder.Encode(course, vector);
        return vector;
    }

    private static float Cosine(float[] a, float[] b) => TensorPrimitives.Dot<float>(a, b);
}
