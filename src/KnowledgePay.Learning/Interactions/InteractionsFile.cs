using System.Buffers.Text;
using KnowledgePay.Decisions.Recommending.Models;
using KnowledgePay.Learning.Files;

namespace KnowledgePay.Learning.Interactions;

/// <summary>Reads <c>user,item[,rating][,timestamp]</c>; other columns are passed over.</summary>
/// <remarks>
/// The file is streamed; a row takes 24 bytes while it is read and 16 once it is in the matrix. Repeats of a pair become one, ratings off the scale are left out,
/// histories are sorted by time: all counted in <see cref="InteractionQuality"/>. What cannot be read is refused with its place.
/// </remarks>
public sealed class InteractionsFile
{
    /// <summary>Rows that are read at most.</summary>
    public const int MostRows = 250_000_000;

    private const int UnusualRatings = 1000;

    private readonly IdTable _users = new();
    private readonly IdTable _items;
    private readonly bool _growItems;
    private int[] _userOf = new int[1024];
    private HistoryEntry[] _entries = new HistoryEntry[1024];
    private readonly HashSet<float> _unusual = [];
    private readonly Dictionary<int, long> _unusualLines = [];
    private int _count;

    private InteractionsFile(IdTable? items)
    {
        _items = items ?? new IdTable();
        _growItems = items is null;
    }

    /// <param name="path">CSV, gzip by its name.</param>
    /// <param name="items">The items of a model, to read a history; null to take them from the file.</param>
    /// <param name="scale">The rating scale; null to infer it.</param>
    /// <param name="progress">Told the fraction that is read and the rows, now and then.</param>
    /// <exception cref="InputException">The file cannot be read, or a line is wrong.</exception>
    public static InteractionSet Read(string path, IdTable? items = null, RatingScale? scale = null, Action<double, long>? progress = null)
    {
        using InputFile file = InputFile.Open(path);
        return new InteractionsFile(items).Read(file, scale, progress);
    }

    private InteractionSet Read(InputFile file, RatingScale? scale, Action<double, long>? progress)
    {
        var csv = new CsvReader(file.Content, file.Name);
        int user = Column(csv, file.Name, "user"), item = Column(csv, file.Name, "item");
        int rating = csv.IndexOf("rating"), time = csv.IndexOf("timestamp");
        var quality = new InteractionQuality { HasTimes = time >= 0, Scale = scale };
        while (csv.Read())
        {
            if (++quality.Rows > MostRows)
            {
                throw new InputException(file.Name, csv.Line, 1, $"the file has more than {MostRows:N0} rows; expected at most that many.");
            }

            int u = Id(csv, user, "user", _users, grow: true);
            int i = Id(csv, item, "item", _items, _growItems);
            float stars = rating < 0 || csv.IsMissing(rating) ? float.NaN : Rating(csv, rating);
            long at = time < 0 || csv.IsMissing(time) ? HistoryEntry.NoTime : Time(csv, time);
            quality.MissingRatings += rating >= 0 && float.IsNaN(stars) ? 1 : 0;
            quality.MissingTimes += time >= 0 && at == HistoryEntry.NoTime ? 1 : 0;
            if (i < 0)
            {
                quality.UnknownItems++;
                continue;
            }

            Append(u, new HistoryEntry(i, stars, at), csv.Line, rating >= 0);
            if ((quality.Rows & 0xFFFF) == 0)
            {
                progress?.Invoke(file.FractionRead, quality.Rows);
            }
        }

        LeaveOutOffScale(quality);
        InteractionMatrix matrix = new HistorySorting(quality).Sort(_users.Count, _items.Count, _userOf.AsSpan(0, _count), _entries.AsSpan(0, _count));
        (quality.Users, quality.Items, quality.Pairs) = (_users.Count, _items.Count, matrix.Count);
        if (matrix.Count == 0 && _growItems)
        {
            throw new InputException(file.Name, csv.Line, 1, "the file has no interactions; expected at least one line after the header.");
        }

        return new InteractionSet(_users, _items, matrix, quality);
    }

    private void Append(int user, HistoryEntry entry, long line, bool rated)
    {
        if (_count == _entries.Length)
        {
            Array.Resize(ref _userOf, Math.Min(MostRows, _count * 2));
            Array.Resize(ref _entries, Math.Min(MostRows, _count * 2));
        }

        if (rated && (entry.Rating < 0 || entry.Rating > 1) && _unusualLines.Count < UnusualRatings && _unusual.Add(entry.Rating))
        {
            // Where each rating was first seen: enough to say where the first one off the scale is, whatever the scale turns out to be.
            _unusualLines.Add(_count, line);
        }

        _userOf[_count] = user;
        _entries[_count++] = entry;
    }

    private void LeaveOutOffScale(InteractionQuality quality)
    {
        if (quality.Scale is null)
        {
            var ratings = new float[_count];
            for (int k = 0; k < _count; k++)
            {
                ratings[k] = _entries[k].Rating;
            }

            quality.Scale = RatingScale.Infer(ratings);
        }

        if (quality.Scale is not { } scale)
        {
            return;
        }

        int kept = 0;
        for (int k = 0; k < _count; k++)
        {
            if (!float.IsNaN(_entries[k].Rating) && !scale.Holds(_entries[k].Rating))
            {
                quality.RatingsOffScale++;
                quality.FirstLineOffScale ??= _unusualLines.TryGetValue(k, out long line) ? line : null;
                continue;
            }

            (_userOf[kept], _entries[kept++]) = (_userOf[k], _entries[k]);
        }

        _count = kept;
        if (quality.RatingsOffScale > 0)
        {
            quality.Warnings.Add($"{quality.RatingsOffScale} ratings are off the scale {scale.Least}–{scale.Greatest} and were left out.");
        }
    }

    private static int Id(CsvReader csv, int column, string name, IdTable table, bool grow)
    {
        if (csv.IsMissing(column))
        {
            throw csv.Wrong(column, $"the {name} is missing; expected an id.");
        }

        int ordinal = table.Resolve(csv.Field(column), grow);
        return ordinal >= 0 || !grow ? ordinal : throw csv.Wrong(column, $"the {name} is longer than {IdTable.LongestId} characters; expected an id.");
    }

    private static float Rating(CsvReader csv, int column)
    {
        ReadOnlySpan<byte> text = csv.Field(column).Trim((byte)' ');
        return Utf8Parser.TryParse(text, out double rating, out int used) && used == text.Length && double.IsFinite(rating) && Math.Abs(rating) <= 1e6
            ? (float)rating
            : throw csv.Wrong(column, $"rating '{csv.Text(column)}': expected a number from -1000000 to 1000000.");
    }

    private static long Time(CsvReader csv, int column)
    {
        ReadOnlySpan<byte> text = csv.Field(column);
        if (Utf8Parser.TryParse(text, out long number, out int used) && used == text.Length && number is >= 0 and < 100_000_000_000)
        {
            return number * 1000;
        }

        return Timestamps.TryParse(csv.Text(column), out DateTimeOffset time)
            ? time.ToUnixTimeMilliseconds()
            : throw csv.Wrong(column, $"timestamp '{csv.Text(column)}': expected {Timestamps.Expected}.");
    }

    private static int Column(CsvReader csv, string file, string name)
    {
        int index = csv.IndexOf(name);
        return index >= 0 ? index : throw new InputException(file, 1, 1, $"there is no column '{name}'; expected user,item[,rating][,timestamp] and found {string.Join(",", csv.Header)}.");
    }
}
