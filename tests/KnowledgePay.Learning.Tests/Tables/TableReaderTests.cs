using System.IO.Compression;
using System.Text;
using KnowledgePay.Learning.Files;
using KnowledgePay.Learning.Tables;

namespace KnowledgePay.Learning.Tests.Tables;

public sealed class TableReaderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_column_is_numeric_when_all_that_is_present_parses_as_a_number_else_categorical()
    {
        Table table = Read("a,b,c\n1,x,1\nNA,?,2e3\n,null,NaN\n-2.5,y,z\n");

        Assert.Equal(4, table.Rows);
        var a = Assert.IsType<NumericColumn>(table.Find("a"));
        Assert.Equal([1, double.NaN, double.NaN, -2.5], a.ToArray());
        Assert.Equal(2, a.Missing);
        var b = Assert.IsType<CategoricalColumn>(table.Find("b"));
        Assert.Equal(["x", null, null, "y"], Enumerable.Range(0, 4).Select(b.Text));
        var c = Assert.IsType<CategoricalColumn>(table.Find("c"));
        Assert.Equal(["1", "2e3", null, "z"], Enumerable.Range(0, 4).Select(c.Text));
    }

    [Fact]
    public void A_column_can_be_forced_to_be_categorical()
    {
        Table table = Read("a,b\n1,1\n2,2\n", new TableOptions { Categorical = ["b"] });

        Assert.IsType<NumericColumn>(table.Find("a"));
        Assert.Equal(["1", "2"], Assert.IsType<CategoricalColumn>(table.Find("b")).Levels);
    }

    [Theory]
    [InlineData("1,-127,127", NumericWidth.Int8)]
    [InlineData("1,-128", NumericWidth.Int16)]
    [InlineData("32767,", NumericWidth.Int16)]
    [InlineData("-2147483647", NumericWidth.Int32)]
    [InlineData("2147483648", NumericWidth.Single)]
    [InlineData("0.5,1e10", NumericWidth.Single)]
    [InlineData("-0.0,3", NumericWidth.Single)]
    [InlineData("0.1", NumericWidth.Double)]
    [InlineData("16777217.5", NumericWidth.Double)]
    public void Numbers_take_the_narrowest_type_that_holds_them_exactly(string values, NumericWidth width)
    {
        string[] each = values.Split(',');
        Table table = Read("a,b\n" + string.Join('\n', each.Select(v => v + ",0")) + "\n");

        var column = Assert.IsType<NumericColumn>(table.Find("a"));
        Assert.Equal(width, column.Width);
        Assert.Equal(each.Select(v => v.Length == 0 ? double.NaN : double.Parse(v, System.Globalization.CultureInfo.InvariantCulture)), column.ToArray());
    }

    [Fact]
    public void Byte_order_marks_Windows_line_ends_quotes_and_gzip_do_not_matter()
    {
        const string Text = "\uFEFF名,b\r\n\"a,\"\"1\"\"\r\nx\",2\r\n";
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            gzip.Write(Encoding.UTF8.GetBytes(Text));
        }

        Table table = Open(_folder.Write("t.csv.gz", packed.ToArray()));

        Assert.Equal("a,\"1\"\r\nx", Assert.IsType<CategoricalColumn>(table.Find("名")).Text(0));
        Assert.Equal(2, Assert.IsType<NumericColumn>(table.Find("b"))[0]);
    }

    [Theory]
    [InlineData("GB18030", false)]
    [InlineData("utf-16", true)]
    [InlineData("utf-16BE", true)]
    public void Other_encodings_are_recognised(string name, bool mark)
    {
        Encoding encoding = name == "GB18030" ? CodePagesEncodingProvider.Instance.GetEncoding(name)! : Encoding.GetEncoding(name);
        byte[] text = encoding.GetBytes("城市,标签\n北京,1\n上海,0\n𠀀,1\n");
        Table table = Open(_folder.Write("t.csv", mark ? [.. encoding.GetPreamble(), .. text] : text));

        Assert.Equal(["北京", "上海", "𠀀"], Assert.IsType<CategoricalColumn>(table.Find("城市")).Levels);
    }

    [Fact]
    public void Bytes_of_no_known_encoding_are_refused_with_line_and_column()
    {
        string path = _folder.Write("t.csv", [.. "a,b\n1,x"u8, 0xFF, 0xFF, (byte)'\n']);

        var refused = Assert.ThrowsAny<InputException>(() => Open(path));
        Assert.StartsWith($"{path}:2:3: ", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Text_where_numbers_must_be_is_refused_with_line_and_column()
    {
        string path = _folder.Write("t.csv", "a,b\n1,2\n3,four\n");

        var refused = Assert.Throws<InputException>(() => Open(path, new TableOptions { Numeric = ["b"] }));
        Assert.Equal($"{path}:3:3: 'four' is no number; expected one in 'b'.", refused.Message);
    }

    [Fact]
    public void An_error_found_later_still_names_its_line_and_column()
    {
        Table table = Read("a,b\n\"x\ny\",1\n\nz,2\n");

        Assert.StartsWith($"{table.File}:5:3: ", table.Wrong(1, "b", "so").Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Files_without_rows_named_columns_or_room_are_refused()
    {
        Assert.Contains("expected rows", Assert.Throws<InputException>(() => Read("a,b\n")).Message, StringComparison.Ordinal);
        Assert.Contains("expected one of a, b", Assert.Throws<InputException>(() => Read("a,b\n1,2\n", new TableOptions { Drop = ["c"], NamedBy = "--drop" })).Message, StringComparison.Ordinal);
        Assert.Contains("expected one of a, b", Assert.Throws<InputException>(() => Read("a,b\n1,2\n").Require("c", "--label")).Message, StringComparison.Ordinal);
        Assert.Contains("3 rows need", Assert.Throws<InputException>(() => Read("a\n1\n2\n3\n", new TableOptions { MemoryLimitBytes = 2 })).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Free_text_is_read_as_it_stands()
    {
        Table table = Read("a,t\n1,NA\n2,很好\n3,\n", new TableOptions { Text = ["t"] });

        var text = Assert.IsType<TextColumn>(table.Find("t"));
        Assert.Equal(["NA", "很好", ""], Enumerable.Range(0, 3).Select(text.Text));
        Assert.Equal(1, text.Missing);
    }

    [Fact]
    public void Only_the_columns_that_are_asked_for_are_kept()
    {
        Table table = Read("a,b,c\n1,2,3\n", new TableOptions { Only = ["c", "a"], Drop = ["a"] });

        Assert.Equal(["c"], table.Columns.Select(column => column.Name));
    }

    private Table Read(string text, TableOptions? options = null) => Open(_folder.Write("t.csv", text), options);

    private static Table Open(string path, TableOptions? options = null) => TableReader.Read(path, options, TestContext.Current.CancellationToken);
}
