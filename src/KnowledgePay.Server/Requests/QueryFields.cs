using System.Globalization;
using KnowledgePay.Contracts;
using KnowledgePay.Server.Problems;

namespace KnowledgePay.Server.Requests;

/// <summary>Reads query parameters and the path's ids; the pointer of a parameter is <c>?name</c>.</summary>
public readonly struct QueryFields
{
    private readonly IQueryCollection _query;
    private readonly RequestErrors _errors;

    public QueryFields(HttpRequest request)
    {
        _query = request.Query;
        _errors = new RequestErrors();
    }

    public int Count(string name, int fallback, int smallest, int largest)
    {
        if (!TryOne(name, out string? text))
        {
            return fallback;
        }

        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int value) && value >= smallest && value <= largest)
        {
            return value;
        }

        _errors.Add("?" + name, string.Create(CultureInfo.InvariantCulture, $"must be an integer from {smallest} to {largest}."));
        return fallback;
    }

    public string? Id(string name)
    {
        if (TryOne(name, out string? text) && !EntityId.IsValid(text))
        {
            _errors.Add("?" + name, $"must be {EntityId.Expected}.");
        }

        return text;
    }

    public string? Text(string name, int longest)
    {
        if (TryOne(name, out string? text) && text!.Length > longest)
        {
            _errors.Add("?" + name, string.Create(CultureInfo.InvariantCulture, $"must be 1 to {longest} characters."));
        }

        return text;
    }

    public string? OneOf(string name, params ReadOnlySpan<string> allowed)
    {
        if (TryOne(name, out string? text) && !allowed.Contains(text!))
        {
            _errors.Add("?" + name, $"must be one of {string.Join(", ", allowed)}.");
        }

        return text;
    }

    public DateOnly? Day(string name)
    {
        if (!TryOne(name, out string? text))
        {
            return null;
        }

        if (DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out DateOnly day))
        {
            return day;
        }

        _errors.Add("?" + name, "must be a day such as 2026-01-31.");
        return null;
    }

    public void Add(string name, string message) => _errors.Add("?" + name, message);

    /// <summary>Refuses the request with 422 when anything was wrong.</summary>
    public void Check()
    {
        if (_errors.Any)
        {
            throw new RequestRefusedException(HttpProblems.Invalid(_errors));
        }
    }

    /// <summary>Refuses a path whose id no thing can have.</summary>
    public static void RequireId(string id, string parameter = "id")
    {
        if (!EntityId.IsValid(id))
        {
            throw new RequestRefusedException(Problem.Invalid("/{" + parameter + "}", $"in the path must be {EntityId.Expected}."));
        }
    }

    private bool TryOne(string name, out string? value)
    {
        value = null;
        if (!_query.TryGetValue(name, out Microsoft.Extensions.Primitives.StringValues values) || values.Count == 0 || string.IsNullOrEmpty(values[0]))
        {
            return false;
        }

        if (values.Count > 1)
        {
            _errors.Add("?" + name, "is given more than once.");
        }

        value = values[0];
        return true;
    }
}
