using System.Buffers;
using System.Globalization;
using System.Text.Json;
using KnowledgePay.Client.Events;
using KnowledgePay.Client.Retrying;
using KnowledgePay.Client.Wire;
using KnowledgePay.Contracts.Catalogue;
using KnowledgePay.Contracts.Partners;

namespace KnowledgePay.Client;

public sealed partial class KnowledgePayClient
{
    /// <summary><c>PUT /v1/courses/{id}</c>.</summary>
    public Task PutCourse(Course course, CancellationToken cancellation = default) =>
        Put($"v1/courses/{Escape(course.Id)}", course, WireJson.Default.Course, cancellation);

    /// <summary><c>GET /v1/courses/{id}</c>; null when there is none.</summary>
    public async Task<Course?> GetCourse(string courseId, CancellationToken cancellation = default)
    {
        Course? course = await GetOrNull($"v1/courses/{Escape(courseId)}", WireJson.Default.Course, cancellation).ConfigureAwait(false);

        // Arrays that the answer leaves out arrive as uninitialised ones.
        return course is null ? null : course with
        {
            Tags = course.Tags.IsDefault ? [] : course.Tags,
            Prerequisites = course.Prerequisites.IsDefault ? [] : course.Prerequisites,
            Concepts = course.Concepts.IsDefault ? [] : course.Concepts,
        };
    }

    /// <summary><c>POST /v1/courses</c>: makes or replaces many courses, sent as NDJSON.</summary>
    public Task<CoursesReceipt> PostCourses(IReadOnlyCollection<Course> courses, CancellationToken cancellation = default)
    {
        if (courses.Count == 0)
        {
            return Task.FromResult(new CoursesReceipt { Accepted = 0 });
        }

        var buffer = new ArrayBufferWriter<byte>(courses.Count * 1024);
        using var writer = new Utf8JsonWriter(buffer, CloudEventWriter.WriterOptions);
        foreach (Course course in courses)
        {
            WriteCourseLine(buffer, writer, course);
        }

        return PostCourseLines(buffer.WrittenMemory, cancellation);
    }

    /// <summary>Writes a course and a line feed.</summary>
    public static void WriteCourseLine(IBufferWriter<byte> output, Utf8JsonWriter writer, Course course)
    {
        writer.Reset(output);
        JsonSerializer.Serialize(writer, course, WireJson.Default.Course);
        writer.Flush();
        output.Write("\n"u8);
    }

    /// <summary>Sends courses that are already NDJSON (one course a line). Repeating is harmless: a course replaces the one of its id.</summary>
    public Task<CoursesReceipt> PostCourseLines(ReadOnlyMemory<byte> ndjson, CancellationToken cancellation = default) =>
        Call(HttpMethod.Post, "v1/courses", Lines(ndjson), RepeatSafety.Harmless, Reading(WireJson.Default.CoursesReceipt), null, cancellation);

    public Task PutPartner(Partner partner, CancellationToken cancellation = default) =>
        Put($"v1/partners/{Escape(partner.Id)}", partner, WireJson.Default.Partner, cancellation);

    public Task<Partner?> GetPartner(string partnerId, CancellationToken cancellation = default) =>
        GetOrNull($"v1/partners/{Escape(partnerId)}", WireJson.Default.Partner, cancellation);

    /// <summary><c>PUT /v1/partners/{partner}/products/{id}</c>; both ids are the product's own.</summary>
    public Task PutProduct(PartnerProduct product, CancellationToken cancellation = default) =>
        Put($"v1/partners/{Escape(product.PartnerId)}/products/{Escape(product.Id)}", product, WireJson.Default.PartnerProduct, cancellation);

    public async Task<PartnerProduct?> GetProduct(string partnerId, string productId, CancellationToken cancellation = default)
    {
        PartnerProduct? product = await GetOrNull($"v1/partners/{Escape(partnerId)}/products/{Escape(productId)}", WireJson.Default.PartnerProduct, cancellation).ConfigureAwait(false);
        return product is null ? null : product with
        {
            Id = product.Id ?? productId,
            PartnerId = product.PartnerId ?? partnerId,
            Terms = product.Terms ?? "{}",
            Eligibility = product.Eligibility ?? "{}",
            Channels = product.Channels.IsDefault ? [] : product.Channels,
        };
    }

    /// <summary><c>PUT /v1/ranking-rules/{id}</c>: hides, lifts or pins courses from the next answer on.</summary>
    public Task PutRankingRule(RankingRule rule, CancellationToken cancellation = default) =>
        Put($"v1/ranking-rules/{Escape(rule.Id)}", rule, WireJson.Default.RankingRule, cancellation);

    /// <summary><c>GET /v1/ranking-rules/{id}</c>; null when there is none.</summary>
    public Task<RankingRuleState?> GetRankingRule(string ruleId, CancellationToken cancellation = default) =>
        GetOrNull($"v1/ranking-rules/{Escape(ruleId)}", WireJson.Default.RankingRuleState, cancellation);

    /// <summary><c>GET /v1/ranking-rules</c>: all of them, by id.</summary>
    public async Task<IReadOnlyList<RankingRuleState>> GetRankingRules(CancellationToken cancellation = default) =>
        (await Get("v1/ranking-rules", WireJson.Default.RankingRuleStates, cancellation).ConfigureAwait(false)).Rules;

    /// <summary><c>DELETE /v1/ranking-rules/{id}</c>; harmless when there is none.</summary>
    public Task DeleteRankingRule(string ruleId, CancellationToken cancellation = default) => Delete($"v1/ranking-rules/{Escape(ruleId)}", cancellation);

    /// <summary><c>GET /v1/courses/{id}/related</c>.</summary>
    /// <param name="count">1–100.</param>
    public Task<CourseList> GetRelated(string courseId, int count = 10, CancellationToken cancellation = default) =>
        Get($"v1/courses/{Escape(courseId)}/related{Query(("count", count.ToString(CultureInfo.InvariantCulture)))}", WireJson.Default.CourseList, cancellation);

    /// <summary><c>GET /v1/trending</c>.</summary>
    /// <param name="count">1–100.</param>
    public Task<CourseList> GetTrending(int count = 10, CancellationToken cancellation = default) =>
        Get($"v1/trending{Query(("count", count.ToString(CultureInfo.InvariantCulture)))}", WireJson.Default.CourseList, cancellation);
}
