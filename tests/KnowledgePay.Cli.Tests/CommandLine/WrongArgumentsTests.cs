using KnowledgePay.Cli.Tests.Running;

namespace KnowledgePay.Cli.Tests.CommandLine;

public sealed class WrongArgumentsTests
{
    private const string Nowhere = "http://127.0.0.1:1";

    [Theory]
    [InlineData("", "command")]
    [InlineData("fly", "fly")]
    [InlineData("import", "FILE")]
    [InlineData("import f.csv --server http://127.0.0.1:1", "--as")]
    [InlineData("import f.csv --as dreams --server http://127.0.0.1:1", "dreams")]
    [InlineData("import f.csv --as courses", "--server")]
    [InlineData("import f.csv --as courses --server ftp://host", "ftp://host")]
    [InlineData("import f.csv --as courses --server nonsense", "nonsense")]
    [InlineData("import f.csv --as courses --server http://127.0.0.1:1", "f.csv")]
    [InlineData("import f.csv --as courses --server http://127.0.0.1:1 --batch 0", "--batch")]
    [InlineData("import f.csv --as courses --server http://127.0.0.1:1 --batch many", "many")]
    [InlineData("import f.csv --as courses --server http://127.0.0.1:1 --parallel 65", "--parallel")]
    [InlineData("import f.csv --as courses --server http://127.0.0.1:1 --retry-for soon", "soon")]
    [InlineData("simulate marketplace --users 1 --courses 1 --events 1", "--seed")]
    [InlineData("simulate marketplace --users 0 --courses 1 --events 1 --seed 1 --out d", "--users 0")]
    [InlineData("simulate marketplace --users 1 --courses 0 --events 1 --seed 1 --out d", "--courses 0")]
    [InlineData("simulate marketplace --users 1 --courses 1 --events -1 --seed 1 --out d", "--events -1")]
    [InlineData("simulate marketplace --users 1 --courses 1 --events 1 --seed -1 --out d", "-1")]
    [InlineData("simulate marketplace --users 1 --courses 1 --events 1 --seed 1", "--out")]
    [InlineData("simulate marketplace --users 1 --courses 1 --events 1 --seed 1 --out d --server http://127.0.0.1:1", "--server")]
    [InlineData("simulate marketplace --users 1 --courses 1 --events 1 --seed 1 --out d --end soon", "soon")]
    [InlineData("simulate marketplace --users 1 --courses 1 --events 1 --seed 1 --out d --days 0", "--days 0")]
    [InlineData("load", "--server")]
    [InlineData("load --server http://127.0.0.1:1 --mix fly=1", "fly")]
    [InlineData("load --server http://127.0.0.1:1 --mix recommend=-1", "recommend=-1")]
    [InlineData("load --server http://127.0.0.1:1 --mix recommend=0", "recommend=0")]
    [InlineData("load --server http://127.0.0.1:1 --connections 0", "--connections 0")]
    [InlineData("load --server http://127.0.0.1:1 --duration 0", "--duration")]
    [InlineData("load --server http://127.0.0.1:1 --duration forever", "forever")]
    [InlineData("load --server http://127.0.0.1:1 --rate 0", "--rate")]
    public async Task A_wrong_argument_is_named_on_stderr_and_the_exit_code_is_2(string line, string named)
    {
        KpayResult result = await Kpay.Run(line.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        Assert.Equal(2, result.ExitCode);
        Assert.Contains(named, result.Error, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("   at ", result.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--map", "id")]
    [InlineData("--map", "=item")]
    [InlineData("--map", "wings=item")]
    [InlineData("--map", "id=a,id=b")]
    [InlineData("--default", "listPrice")]
    [InlineData("--default", "wings=2")]
    public async Task A_wrong_map_or_default_says_what_is_expected(string option, string value)
    {
        using var directory = new WorkingDirectory();
        string file = directory.Write("c.csv", "id,title\nx,y\n");
        KpayResult result = await Kpay.Run("import", file, "--as", "courses", "--server", Nowhere, option, value);
        Assert.Equal(2, result.ExitCode);
        Assert.Contains(option, result.Error, StringComparison.Ordinal);
        Assert.Matches("expected|given twice", result.Error);
    }

    [Fact]
    public async Task A_map_for_events_is_refused()
    {
        using var directory = new WorkingDirectory();
        KpayResult result = await Kpay.Run("import", directory.Write("e.ndjson", "{}\n"), "--as", "events", "--server", Nowhere, "--map", "id=x");
        Assert.Equal(2, result.ExitCode);
        Assert.Contains("--map", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_acknowledgement_log_that_cannot_be_written_is_a_wrong_argument()
    {
        using var directory = new WorkingDirectory();
        string file = directory.Write("i.csv", "user,item\nu,c\n");
        KpayResult result = await Kpay.Run("import", file, "--as", "interactions", "--server", Nowhere, "--ack-log", directory.At("no/such/log.csv"));
        Assert.Equal(2, result.ExitCode);
        Assert.Contains("--ack-log", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_is_not_there_is_failed_work_and_the_exit_code_is_1()
    {
        using var directory = new WorkingDirectory();
        string file = directory.Write("i.csv", "user,item\nu,c\n");
        KpayResult result = await Kpay.Run("import", file, "--as", "interactions", "--server", Nowhere, "--retry-for", "10ms");
        Assert.Equal(1, result.ExitCode);
        Assert.StartsWith("kpay: ", result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", result.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--help", "import", "simulate", "load")]
    [InlineData("import --help", "--as", "--map", "--default", "--server", "--key", "--ack-log", "--retry-for", "KPAY_KEY")]
    [InlineData("simulate marketplace --help", "--users", "--courses", "--events", "--seed", "--days", "--end", "--out", "--server")]
    [InlineData("load --help", "--mix", "--connections", "--rate", "--duration", "--warm-up", "--server", "ping")]
    public async Task Help_goes_to_stdout_names_every_option_and_exits_with_0(string line, params string[] named)
    {
        KpayResult result = await Kpay.Run(line.Split(' '));
        Assert.Equal(0, result.ExitCode);
        Assert.Empty(result.Error);
        Assert.All(named, name => Assert.Contains(name, result.Output, StringComparison.Ordinal));
    }
}
