using System.Globalization;
using System.Text;
using CsCheck;
using KnowledgePay.Cli.Tests.Running;
using KnowledgePay.Learning.Files;

namespace KnowledgePay.Cli.Tests.Files;

public sealed class CsvRoundTripTests
{
    private static readonly Gen<string> AnyField = Gen.OneOf(
        Gen.String[Gen.Char["ab ,\"\r\n\t;é中\uFEFF'NA?"], 0, 12],
        Gen.String[0, 40].Select(WithoutHalfPairs));

    [Fact]
    public void Any_fields_read_back_as_they_were_written() => Gen.Int[1, 4]
        .SelectMany(columns => Gen.Select(Gen.Const(columns), AnyField.Array[columns].Array[0, 8], Gen.Bool))
        .Sample(
            (columns, rows, zipped) =>
            {
                using var directory = new WorkingDirectory();
                string path = directory.At(zipped ? "t.csv.gz" : "t.csv");
                string[] header = [.. Enumerable.Range(0, columns).Select(i => $"column {i}")];
                using (var writer = new CsvWriter(path, header))
                {
                    foreach (string[] row in rows)
                    {
                        foreach (string field in row)
                        {
                            writer.Write(field);
                        }

                        writer.EndRow();
                    }

                    writer.Complete();
                }

                (string[] readHeader, string[][] read) = Read(path);
                Assert.Equal(header, readHeader);
                Assert.Equal(rows, read);
            },
            iter: 400);

    [Fact]
    public void Any_numbers_read_back_exactly() => Gen.Select(Gen.Double, Gen.Long).Array[1, 20].Sample(
        numbers =>
        {
            using var directory = new WorkingDirectory();
            using (var writer = new CsvWriter(directory.At("n.csv"), "d", "l"))
            {
                foreach ((double d, long l) in numbers)
                {
                    writer.Write(d);
                    writer.Write(l);
                    writer.EndRow();
                }

                writer.Complete();
            }

            string[][] rows = Read(directory.At("n.csv")).Rows;
            for (int i = 0; i < rows.Length; i++)
            {
                (double d, long l) = numbers[i];
                Assert.Equal(double.IsFinite(d) ? d.ToString("R", CultureInfo.InvariantCulture) : "", rows[i][0]);
                Assert.Equal(l, long.Parse(rows[i][1], CultureInfo.InvariantCulture));
            }
        },
        iter: 100);

    [Theory]
    [InlineData("a,b\n1,2\n3,4\n")]
    [InlineData("a,b\r\n1,2\r\n3,4\r\n")]
    [InlineData("\uFEFFa,b\n1,2\n3,4")]
    [InlineData("a,b\r1,2\r3,4")]
    [InlineData("\n\na,b\n\n1,2\n\r\n3,4\n\n")]
    [InlineData("\"a\",\"b\"\n\"1\",\"2\"\n\"3\",4")]
    public void Line_ends_byte_order_mark_blank_lines_and_needless_quotes_change_nothing(string text)
    {
        using var directory = new WorkingDirectory();
        (string[] header, string[][] rows) = Read(directory.Write("t.csv", text));
        Assert.Equal(["a", "b"], header);
        Assert.Equal([["1", "2"], ["3", "4"]], rows);
    }

    [Fact]
    public void A_quoted_field_goes_over_lines_and_the_next_record_knows_its_line()
    {
        var csv = new CsvReader(new MemoryStream("a,b\n\"x\r\ny \"\"z\"\"\",1\nlast,2\n"u8.ToArray()), "t.csv");
        Assert.True(csv.Read());
        Assert.Equal("x\r\ny \"z\"", csv.Text(0));
        Assert.Equal(2, csv.Line);
        Assert.True(csv.Read());
        Assert.Equal(4, csv.Line);
        Assert.Equal("t.csv:4:6: wrong", csv.Wrong(1, "wrong").Message);
        Assert.False(csv.Read());
    }

    [Theory]
    [InlineData("", true)]
    [InlineData("NA", true)]
    [InlineData("NaN", true)]
    [InlineData("null", true)]
    [InlineData("?", true)]
    [InlineData("na", false)]
    [InlineData("0", false)]
    [InlineData(" ", false)]
    public void What_stands_for_no_value_is_missing(string field, bool missing)
    {
        var csv = new CsvReader(new MemoryStream(Encoding.UTF8.GetBytes($"a,b\n{field},x\n")), "t.csv");
        Assert.True(csv.Read());
        Assert.Equal(missing, csv.IsMissing(0));
    }

    [Theory]
    [InlineData("", "t.csv:1:1:", "expected a CSV header")]
    [InlineData("a,b\n1\n", "t.csv:2:1:", "expected 2")]
    [InlineData("a,b\n1,2,3\n", "t.csv:2:1:", "expected 2")]
    [InlineData("a,a\n", "t.csv:1:3:", "expected it once")]
    [InlineData("a,b\n1,x\"y\n", "t.csv:2:4:", "expected the field in quotes")]
    [InlineData("a,b\n1,\"x\"y\n", "t.csv:2:6:", "expected a comma")]
    [InlineData("a,b\n中,\"x\n", "t.csv:2:3:", "expected a closing quote")]
    public void Malformed_text_is_refused_where_it_is(string text, string where, string expected)
    {
        InputException wrong = Assert.Throws<InputException>(() => ReadAll(Encoding.UTF8.GetBytes(text)));
        Assert.StartsWith(where, wrong.Message, StringComparison.Ordinal);
        Assert.Contains(expected, wrong.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_column_without_a_name_is_called_by_its_place() =>
        Assert.Equal(["a", "column2", "c"], new CsvReader(new MemoryStream("a,,c\n1,2,3\n"u8.ToArray()), "t.csv").Header);

    [Fact]
    public void Bytes_that_are_no_UTF8_are_refused_where_they_are()
    {
        InputException wrong = Assert.ThrowsAny<InputException>(() => ReadAll([.. "a,b\n1,"u8, 0xC3, 0x28, .. "\n"u8]));
        Assert.StartsWith("t.csv:2:3:", wrong.Message, StringComparison.Ordinal);
        Assert.Contains("expected UTF-8", wrong.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Any_bytes_are_read_or_refused_with_a_place() => Gen.Byte.Array[0, 60].Sample(
        bytes =>
        {
            try
            {
                ReadAll([.. "a,b\n"u8, .. bytes]);
            }
            catch (InputException refused)
            {
                Assert.Matches("^t\\.csv:[0-9]+:[0-9]+: ", refused.Message);
            }
        },
        iter: 2_000);

    [Fact]
    public void A_run_that_does_not_complete_leaves_neither_a_half_file_nor_a_lost_one()
    {
        using var directory = new WorkingDirectory();
        string path = directory.Write("t.csv", "old\n");
        using (var writer = new CsvWriter(path, "a"))
        {
            writer.Write("1");
            writer.EndRow();
        }

        Assert.Equal("old\n", File.ReadAllText(path));
        Assert.Single(Directory.GetFiles(directory.Path));
    }

    private static void ReadAll(byte[] bytes)
    {
        var csv = new CsvReader(new MemoryStream(bytes), "t.csv");
        while (csv.Read())
        {
        }
    }

    private static (string[] Header, string[][] Rows) Read(string path)
    {
        using InputFile file = InputFile.Open(path);
        var csv = new CsvReader(file.Content, "t.csv");
        var rows = new List<string[]>();
        while (csv.Read())
        {
            rows.Add([.. Enumerable.Range(0, csv.Header.Count).Select(csv.Text)]);
        }

        return ([.. csv.Header], [.. rows]);
    }

    /// <summary>UTF-8 has no half of a surrogate pair.</summary>
    private static string WithoutHalfPairs(string text) => Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text));
}
