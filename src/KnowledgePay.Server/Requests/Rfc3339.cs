namespace KnowledgePay.Server.Requests;

/// <summary>Times as RFC 3339 section 5.6 writes them; an offset is required, and the answer is in UTC.</summary>
public static class Rfc3339
{
    public const string Expected = "an RFC 3339 time such as 2026-01-31T12:00:00Z";

    /// <summary>Reads a time. Digits of a fraction behind the seventh are dropped; a leap second is the second after.</summary>
    public static bool TryParse(ReadOnlySpan<byte> text, out DateTimeOffset time)
    {
        time = default;
        if (text.Length is < 20 or > 64
            || !Digits(text, 0, 4, out int year) || text[4] != '-' || !Digits(text, 5, 2, out int month) || text[7] != '-' || !Digits(text, 8, 2, out int day)
            || (text[10] | 0x20) != 't' || !Digits(text, 11, 2, out int hour) || text[13] != ':' || !Digits(text, 14, 2, out int minute) || text[16] != ':'
            || !Digits(text, 17, 2, out int second)
            || year < 1 || month is < 1 or > 12 || day < 1 || day > DateTime.DaysInMonth(year, month) || hour > 23 || minute > 59 || second > 60)
        {
            return false;
        }

        int at = 19;
        long ticks = 0;
        if (text[at] == '.')
        {
            long unit = TimeSpan.TicksPerSecond / 10;
            int first = ++at;
            for (; at < text.Length && char.IsAsciiDigit((char)text[at]); at++, unit /= 10)
            {
                ticks += (text[at] - '0') * unit;
            }

            if (at == first)
            {
                return false;
            }
        }

        if (!Offset(text[at..], out TimeSpan offset))
        {
            return false;
        }

        long local = new DateTime(year, month, day, hour, minute, Math.Min(second, 59), DateTimeKind.Unspecified).Ticks
            + ticks + (second == 60 ? TimeSpan.TicksPerSecond : 0);
        long utc = local - offset.Ticks;
        if (utc < DateTime.MinValue.Ticks || utc > DateTime.MaxValue.Ticks)
        {
            return false;
        }

        time = new DateTimeOffset(utc, TimeSpan.Zero);
        return true;
    }

    private static bool Offset(ReadOnlySpan<byte> text, out TimeSpan offset)
    {
        offset = default;
        if (text.Length == 1)
        {
            return (text[0] | 0x20) == 'z';
        }

        if (text.Length != 6 || text[0] is not ((byte)'+' or (byte)'-') || !Digits(text, 1, 2, out int hours) || text[3] != ':'
            || !Digits(text, 4, 2, out int minutes) || hours > 23 || minutes > 59)
        {
            return false;
        }

        offset = new TimeSpan(hours, minutes, 0);
        if (text[0] == '-')
        {
            offset = -offset;
        }

        return true;
    }

    private static bool Digits(ReadOnlySpan<byte> text, int start, int count, out int value)
    {
        value = 0;
        for (int i = start; i < start + count; i++)
        {
            int digit = text[i] - '0';
            if ((uint)digit > 9)
            {
                return false;
            }

            value = value * 10 + digit;
        }

        return true;
    }
}
