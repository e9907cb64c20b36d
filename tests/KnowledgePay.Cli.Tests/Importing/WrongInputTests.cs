using System.Text;
using KnowledgePay.Cli.Tests.Running;

namespace KnowledgePay.Cli.Tests.Importing;

/// <summary>Every one of these files is refused before anything reaches a server.</summary>
public sealed class WrongInputTests
{
    private const string Price = "listPrice=CNY:9900";

    [Theory]
    [InlineData("", 1, 1, "header")]
    [InlineData("title\nx\n", 2, 1, "an id")]
    [InlineData("id,title\nx,y,z\n", 2, 1, "expected 2")]
    [InlineData("id,title\na b,y\n", 2, 1, "expected")]
    [InlineData("id,title\nok,y\n,y\n", 3, 1, "an id")]
    [InlineData("id,title\nx,\n", 2, 3, "characters")]
    [InlineData("id,title,listPrice\nx,y,9.90\n", 2, 5, "CNY:9900")]
    [InlineData("id,title,listPrice\nx,y,CNY:-1\n", 2, 5, "CNY:9900")]
    [InlineData("id,title,listPrice\nx,y,XXQ:100\n", 2, 5, "CNY:9900")]
    [InlineData("id,title,listPrice\nx,y,CNY:99999999999999999999\n", 2, 5, "CNY:9900")]
    [InlineData("id,title,publishedAt\nx,y,yesterday\n", 2, 5, "RFC 3339")]
    [InlineData("id,title,durationMinutes\nx,y,1.5\n", 2, 5, "whole minutes")]
    [InlineData("id,title,embeddings\nx,y,\"[1,2]\"\n", 2, 5, "JSON object")]
    public async Task A_wrong_course_table_is_refused_with_line_column_and_what_was_expected(string text, int line, int column, string expected) =>
        await Refused("c.csv", Encoding.UTF8.GetBytes(text), "courses", line, column, expected, "--default", Price);

    [Theory]
    [InlineData("", 1, 1, "empty")]
    [InlineData("  \n \n", 3, 1, "empty")]
    [InlineData("[]x", 1, 3, "end of the file")]
    [InlineData("[{\"id\":\"x\",\"title\":\"y\"}", 1, 24, "']'")]
    [InlineData("[{\"id\":\"x\",\"title\":\"y\"} {}]", 1, 25, "','")]
    [InlineData("[1]", 1, 2, "object")]
    [InlineData("{\"id\":\"x\",\"title\":\"y\"}\n{\"id\":}\n", 2, 7, "JSON")]
    [InlineData("{\"id\":\"x\",\"title\":\"y\"}\n\n  {\"id\":\"x\"}\n", 3, 3, "title")]
    [InlineData("{\"id\":\"x\",\"title\":\"\\ud800\"}\n", 1, 19, "surrogate")]
    [InlineData("{\"id\":\"x\",\"title\":\"y\",\"listPrice\":{\"currency\":\"CNY\",\"minorUnits\":1.5}}\n", 1, 1, "minorUnits")]
    [InlineData("{\"id\":\"x\",\"title\":\"y\",\"listPrice\":{\"currency\":\"CNY\"}}\n", 1, 1, "minorUnits")]
    [InlineData("{\"id\":\"x\",\"title\":\"y\",\"embeddings\":{\"text\":[1,\"2\"]}}\n", 1, 1, "finite numbers")]
    [InlineData("{\"id\":\"x\",\"title\":\"y\",\"embeddings\":[1,2]}\n", 1, 1, "JSON object")]
    public async Task A_wrong_course_document_is_refused_with_line_column_and_what_was_expected(string text, int line, int column, string expected) =>
        await Refused("c.jsonl", Encoding.UTF8.GetBytes(text), "courses", line, column, expected, "--default", Price);

    [Theory]
    [InlineData("", 1, 1, "header")]
    [InlineData("user,thing\nu,c\n", 1, 1, "'item'")]
    [InlineData("user,item\nu,c\nu\n", 3, 1, "expected 2")]
    [InlineData("user,item\nu,c\nu u,c\n", 3, 1, "expected")]
    [InlineData("user,item\nu,\n", 2, 3, "expected")]
    [InlineData("user,item,rating\nu,c,6\n", 2, 5, "0.5 to 5")]
    [InlineData("user,item,rating\nu,c,good\n", 2, 5, "0.5 to 5")]
    [InlineData("user,item,timestamp\nu,c,yesterday\n", 2, 5, "RFC 3339")]
    [InlineData("user,item,timestamp\nu,c,-5\n", 2, 5, "RFC 3339")]
    [InlineData("user,item,timestamp\nu,c,2026-02-30\n", 2, 5, "RFC 3339")]
    [InlineData("user,item,timestamp\nu,c,99999999999999999999\n", 2, 5, "RFC 3339")]
    public async Task Wrong_interactions_are_refused_with_line_column_and_what_was_expected(string text, int line, int column, string expected) =>
        await Refused("i.csv", Encoding.UTF8.GetBytes(text), "interactions", line, column, expected);

    [Theory]
    [InlineData("", 1, 1, "empty")]
    [InlineData("\n\n", 1, 1, "empty")]
    [InlineData("[]\n", 1, 1, "object")]
    [InlineData("{\"subject\":\"u\"\n", 1, 1, "object")]
    [InlineData("{\"subject\":\"u\"}\n{\"subject\":}\n", 2, 12, "object")]
    public async Task Wrong_event_lines_are_refused_with_line_and_what_was_expected(string text, int line, int column, string expected)
    {
        using var directory = new WorkingDirectory();
        KpayResult result = await Run(directory.Write("e.ndjson", text), "events");
        Assert.Equal(2, result.ExitCode);
        Assert.Contains($"e.ndjson:{line}:", result.Error, StringComparison.Ordinal);
        Assert.True(column > 0);
        Assert.Contains(expected, result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Bytes_that_are_no_UTF8_are_refused_in_every_format()
    {
        byte[] broken = [0xC3, 0x28];
        await Refused("c.csv", [.. "id,title\nx,"u8, .. broken, .. "\n"u8], "courses", 2, 3, "UTF-8", "--default", Price);
        await Refused("c.jsonl", [.. "{\"id\":\"x\",\n\"title\":\""u8, .. broken, .. "\"}\n"u8], "courses", 2, 9, "UTF-8", "--default", Price);
        await Refused("i.csv", [.. "user,item,rating\nu,c,"u8, .. broken, .. "\n"u8], "interactions", 2, 5, "UTF-8");
    }

    [Theory]
    [InlineData("c.csv.gz", "courses")]
    [InlineData("c.jsonl.gz", "courses")]
    [InlineData("i.csv.gz", "interactions")]
    [InlineData("e.ndjson.gz", "events")]
    public async Task A_file_that_is_gzip_by_name_alone_is_refused(string name, string kind) =>
        await Refused(name, "user,item\nu,c\n"u8.ToArray(), kind, 1, 1, "gzip");

    [Fact]
    public async Task A_gzip_file_that_was_cut_short_is_refused_not_half_imported_in_silence()
    {
        using var directory = new WorkingDirectory();
        byte[] whole = File.ReadAllBytes(directory.Zip("whole.csv.gz", "user,item\n" + string.Concat(Enumerable.Range(0, 3_000).Select(i => $"u{i * 7919 % 3001},c{i * 31}\n"))));
        KpayResult result = await Run(directory.Write("cut.csv.gz", whole[..(whole.Length / 2)]), "interactions");
        Assert.Equal(2, result.ExitCode);
        Assert.Contains("gzip", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_course_file_of_another_kind_is_refused_by_its_name()
    {
        using var directory = new WorkingDirectory();
        KpayResult result = await Run(directory.Write("c.xlsx", "x"), "courses");
        Assert.Equal(2, result.ExitCode);
        Assert.Contains(".jsonl", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_mapped_column_that_is_not_there_is_named_with_those_that_are()
    {
        await Refused("c.csv", "item,name\nx,y\n"u8.ToArray(), "courses", 1, 1, "item, name", "--map", "id=item,title=label", "--default", Price);
        await Refused("i.csv", "u,i\nx,y\n"u8.ToArray(), "interactions", 1, 1, "u, i", "--map", "user=u,item=thing");
    }

    [Fact]
    public async Task A_default_that_is_no_money_is_refused()
    {
        using var directory = new WorkingDirectory();
        KpayResult result = await Run(directory.Write("c.csv", "id,title\nx,y\n"), "courses", "--default", "listPrice=99");
        Assert.Equal(2, result.ExitCode);
        Assert.Contains("CNY:9900", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_default_rating_that_is_none_is_refused()
    {
        using var directory = new WorkingDirectory();
        KpayResult result = await Run(directory.Write("i.csv", "user,item\nu,c\n"), "interactions", "--default", "rating=9");
        Assert.Equal(2, result.ExitCode);
        Assert.Contains("--default rating '9'", result.Error, StringComparison.Ordinal);
    }

    private static async Task Refused(string name, byte[] bytes, string kind, int line, int column, string expected, params string[] more)
    {
        using var directory = new WorkingDirectory();
        string file = directory.Write(name, bytes);
        KpayResult result = await Run(file, kind, more);
        Assert.Equal(2, result.ExitCode);
        Assert.StartsWith($"kpay: {file}:{line}:{column}: ", result.Error, StringComparison.Ordinal);
        Assert.Contains(expected, result.Error, StringComparison.Ordinal);
    }

    private static Task<KpayResult> Run(string file, string kind, params string[] more) =>
        Kpay.Run(["import", file, "--as", kind, "--server", "http://127.0.0.1:1", "--retry-for", "0ms", "--parallel", "1", .. more]);
}
