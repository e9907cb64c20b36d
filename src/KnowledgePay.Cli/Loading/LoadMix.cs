using System.Globalization;
using KnowledgePay.Cli.CommandLine;
using KnowledgePay.Learning.Files;

namespace KnowledgePay.Cli.Loading;

/// <summary>What a request of the load asks for.</summary>
internal enum LoadKind
{
    Recommend = 0,
    Price,
    Offers,
    Credit,
    Event,
    Ping,
}

/// <summary>How often each kind of request comes.</summary>
internal sealed class LoadMix
{
    public const string Default = "recommend=45,price=27,offers=13.5,credit=4.5,event=10";
    private const string Expected = "kinds with weights, of recommend, price, offers, credit, event and ping";

    private readonly double[] _upTo;

    private LoadMix(double[] weights)
    {
        double sum = weights.Sum();
        double before = 0;
        _upTo = [.. weights.Select(weight => before += weight / sum)];
        Kinds = [.. Enum.GetValues<LoadKind>().Where(kind => weights[(int)kind] > 0)];
    }

    /// <summary>Nothing but the empty endpoint.</summary>
    public static LoadMix Empty { get; } = Parse("ping=1");

    /// <summary>The kinds that come at all.</summary>
    public IReadOnlyList<LoadKind> Kinds { get; }

    /// <exception cref="InputException">A kind is unknown or a weight is not a positive number.</exception>
    public static LoadMix Parse(string text)
    {
        double[] weights = new double[Enum.GetValues<LoadKind>().Length];
        foreach ((string name, string value) in NameValueList.Parse("--mix", [text]))
        {
            if (!Enum.TryParse(name, ignoreCase: true, out LoadKind kind) || !Enum.IsDefined(kind) || int.TryParse(name, out _))
            {
                throw new InputException($"--mix '{name}': expected {Expected}.");
            }

            weights[(int)kind] = double.TryParse(value, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double weight) && double.IsFinite(weight)
                ? weight
                : throw new InputException($"--mix '{name}={value}': expected a weight of 0 or more.");
        }

        return weights.Sum() > 0 ? new LoadMix(weights) : throw new InputException($"--mix '{text}': expected {Expected}.");
    }

    /// <param name="draw">0 up to 1.</param>
    public LoadKind Pick(double draw)
    {
        int kind = 0;
        while (kind < _upTo.Length - 1 && draw >= _upTo[kind])
        {
            kind++;
        }

        return (LoadKind)kind;
    }
}
