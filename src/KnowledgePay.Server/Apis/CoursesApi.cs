using System.Text.Json;
using KnowledgePay.Contracts;
using KnowledgePay.Contracts.Catalogue;
using KnowledgePay.Contracts.Grains;
using KnowledgePay.Grains.Catalogue;
using KnowledgePay.Server.Access;
using KnowledgePay.Server.Answers;
using KnowledgePay.Server.Documentation;
using KnowledgePay.Server.Hosting;
using KnowledgePay.Server.Problems;
using KnowledgePay.Server.Requests;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;

namespace KnowledgePay.Server.Apis;

/// <summary>How many courses were put, and how many of them are new.</summary>
public sealed record CoursesPut(int Accepted, int Created, int Replaced);

/// <summary>The catalogue's courses.</summary>
public static class CoursesApi
{
    public static void MapCourses(this IEndpointRouteBuilder routes)
    {
        RouteGroupBuilder group = routes.MapGroup("/v1/courses").WithTags("Catalogue");
        group.MapPut("/{id}", Put)
            .RequireAuthorization(Roles.Platform)
            .Describe("putCourse", "Put a course", "Makes or replaces one course. The body's id may be left out; where it is given it must be the path's.")
            .Accepts<Course>("application/json")
            .Produces<Course>(200).Produces<Course>(201)
            .Refuses(400, 413, 415, 422);
        group.MapGet("/{id}", Get)
            .RequireAuthorization(Roles.Platform)
            .Describe("getCourse", "Get a course", "The course as it was put.")
            .Produces<Course>()
            .Refuses(404, 422);
        group.MapGet("/{id}/figures", Figures)
            .RequireAuthorization(Roles.Platform)
            .Describe("getCourseFigures", "Get a course's live figures", "What people did with the course, as far as its projection has read the journal.")
            .Produces<CourseFigures>()
            .Refuses(404, 422);
        group.MapPost("", Post)
            .RequireAuthorization(Roles.Platform)
            .Bulk(routes.ServiceProvider)
            .Describe(
                "putCourses",
                "Put many courses",
                "Makes or replaces courses: a JSON array, or newline-delimited JSON with one course a line. All or none: one that is not valid refuses them all, "
                + "with pointers that begin with its index (for NDJSON its line, 0 for the first).")
            .WithMetadata(new CoursesBody())
            .Produces<CoursesPut>()
            .Refuses(400, 413, 415, 422);
    }

    private static async Task Put(HttpContext context, string id, [FromServices] ICatalogue catalogue, [FromServices] IOptions<HttpLimits> limits)
    {
        QueryFields.RequireId(id);
        using RequestBody body = await RequestBody.ReadJson(context, limits.Value.BodyBytes);
        Course course = body.Object((ref Utf8JsonReader reader, ReadOnlySpan<byte> _, RequestErrors errors) => CatalogueDocuments.Course(ref reader, errors, id));
        bool[] created = await catalogue.PutCourses([course], context.RequestAborted);
        await AnswerWriter.Write(context, course, created[0] ? StatusCodes.Status201Created : StatusCodes.Status200OK);
    }

    private static Task Get(HttpContext context, string id, [FromServices] ICatalogue catalogue) =>
        AnswerWriter.Write(context, Require(catalogue, id));

    private static async Task Figures(HttpContext context, string id, [FromServices] ICatalogue catalogue, [FromServices] GrainReferences grains)
    {
        Require(catalogue, id);
        await AnswerWriter.Write(context, await grains.Course(id).Get());
    }

    private static async Task Post(HttpContext context, [FromServices] ICatalogue catalogue, [FromServices] IOptions<HttpLimits> limits)
    {
        bool isLines = CourseBatch.IsLines(context.Request);
        List<Course> courses;
        using (RequestBody body = await RequestBody.Read(context, limits.Value.BulkBodyBytes))
        {
            courses = isLines
                ? CourseBatch.ReadLines(body.Span, limits.Value.CoursesPerRequest)
                : CourseBatch.ReadArray(body.Span, limits.Value.CoursesPerRequest);
        }

        bool[] created = courses.Count == 0 ? [] : await catalogue.PutCourses(courses, context.RequestAborted);
        int made = created.AsSpan().Count(true);
        await AnswerWriter.Write(context, new CoursesPut(created.Length, made, created.Length - made));
    }

    private static Course Require(ICatalogue catalogue, string id)
    {
        QueryFields.RequireId(id);
        return catalogue.Current.FindCourse(id)?.Course ?? throw new RequestRefusedException(Problem.NotFound("course", id));
    }
}
