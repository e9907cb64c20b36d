using System.Collections.Frozen;

namespace KnowledgePay.Contracts;

/// <summary>The ISO 4217 currencies in use and their exponents (digits behind the decimal point).</summary>
public static class Currencies
{
    private static readonly FrozenDictionary<string, int> Exponents = Build();

    public static bool IsKnown(string? code) => code is not null && Exponents.ContainsKey(code);

    /// <summary>Digits of the minor unit; 2 for a code that is not known.</summary>
    public static int ExponentOf(string? code) => code is not null && Exponents.TryGetValue(code, out int e) ? e : 2;

    private static FrozenDictionary<string, int> Build()
    {
        const string two =
            "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CNY COP CRC CUP CVE CZK DKK DOP DZD "
            + "EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA "
            + "MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS "
            + "SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS VES WST XCD YER ZAR ZMW";
        const string zero = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF";
        const string three = "BHD IQD JOD KWD LYD OMR TND";
        var all = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (string code in two.Split(' ')) all[code] = 2;
        foreach (string code in zero.Split(' ')) all[code] = 0;
        foreach (string code in three.Split(' ')) all[code] = 3;
        return all.ToFrozenDictionary(StringComparer.Ordinal);
    }
}
