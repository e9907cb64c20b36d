using System.Buffers.Binary;

namespace KnowledgePay.Storage;

/// <summary>The bytes of a stored chunk.</summary>
/// <remarks>
/// Streams: the distinct stream numbers, 8 bytes each, little-endian, ascending: what a scan for one stream reads.
/// Records: version (1 byte), count (4), then for each record stream (8), nonce (4) and length (4, -1 when it was given up), then the payloads in order.
/// </remarks>
internal static class DecisionChunkFormat
{
    private const byte Version = 1;
    private const int HeaderBytes = 5;
    private const int EntryBytes = 16;

    public static (byte[] Streams, byte[] Records) Encode(DecisionChunk chunk)
    {
        byte[] body = new byte[LengthOf(chunk)];
        Write(chunk, body);
        return (StreamsOf(chunk), body);
    }

    /// <summary>Bytes of a chunk's records.</summary>
    public static int LengthOf(DecisionChunk chunk)
    {
        int length = HeaderBytes + (chunk.Records.Length * EntryBytes);
        foreach (DecisionChunk.Record record in chunk.Records)
        {
            length += record.Payload?.Length ?? 0;
        }

        return length;
    }

    /// <summary>Writes a chunk's records.</summary>
    /// <param name="body">At least <see cref="LengthOf"/> bytes.</param>
    public static void Write(DecisionChunk chunk, Span<byte> body)
    {
        ReadOnlySpan<DecisionChunk.Record> records = chunk.Records;
        body[0] = Version;
        BinaryPrimitives.WriteInt32LittleEndian(body[1..], records.Length);
        int entry = HeaderBytes;
        int at = HeaderBytes + (records.Length * EntryBytes);
        foreach (DecisionChunk.Record record in records)
        {
            BinaryPrimitives.WriteInt64LittleEndian(body[entry..], record.Stream);
            BinaryPrimitives.WriteUInt32LittleEndian(body[(entry + 8)..], record.Nonce);
            BinaryPrimitives.WriteInt32LittleEndian(body[(entry + 12)..], record.Payload?.Length ?? -1);
            entry += EntryBytes;
            record.Payload?.CopyTo(body[at..]);
            at += record.Payload?.Length ?? 0;
        }
    }

    public static byte[] StreamsOf(DecisionChunk chunk)
    {
        var streams = new List<long>(chunk.Count);
        foreach (DecisionChunk.Record record in chunk.Records)
        {
            if (record.Payload is not null)
            {
                streams.Add(record.Stream);
            }
        }

        streams.Sort();
        int distinct = 0;
        for (int i = 0; i < streams.Count; i++)
        {
            if (i == 0 || streams[i] != streams[distinct - 1])
            {
                streams[distinct++] = streams[i];
            }
        }

        byte[] header = new byte[distinct * 8];
        for (int i = 0; i < distinct; i++)
        {
            BinaryPrimitives.WriteInt64LittleEndian(header.AsSpan(i * 8), streams[i]);
        }

        return header;
    }

    /// <summary>True when the chunk holds a record of the stream.</summary>
    public static bool Holds(ReadOnlySpan<byte> streams, long stream)
    {
        int low = 0;
        int high = (streams.Length / 8) - 1;
        while (low <= high)
        {
            int middle = (low + high) >>> 1;
            long found = BinaryPrimitives.ReadInt64LittleEndian(streams[(middle * 8)..]);
            if (found == stream)
            {
                return true;
            }

            if (found < stream)
            {
                low = middle + 1;
            }
            else
            {
                high = middle - 1;
            }
        }

        return false;
    }

    /// <summary>The records of a stored chunk: all, or those of one stream.</summary>
    public static List<LoggedDecision> Decode(int partition, long chunk, ReadOnlySpan<byte> body, long? stream = null)
    {
        int count = Count(body, chunk);
        var found = new List<LoggedDecision>(stream is null ? count : 4);
        int at = HeaderBytes + (count * EntryBytes);
        for (int i = 0; i < count; i++)
        {
            (long owner, uint nonce, int length) = Entry(body, i);
            if (length >= 0)
            {
                if (stream is null || stream == owner)
                {
                    found.Add(new LoggedDecision(new DecisionAddress(partition, chunk, i, nonce), owner, body.Slice(at, length).ToArray()));
                }

                at += length;
            }
        }

        return found;
    }

    public static LoggedDecision? Find(DecisionAddress address, ReadOnlySpan<byte> body)
    {
        int count = Count(body, address.Chunk);
        if ((uint)address.Index >= (uint)count)
        {
            return null;
        }

        int at = HeaderBytes + (count * EntryBytes);
        for (int i = 0; i < address.Index; i++)
        {
            at += Math.Max(0, Entry(body, i).Length);
        }

        (long stream, uint nonce, int length) = Entry(body, address.Index);
        return length < 0 || nonce != address.Nonce ? null : new LoggedDecision(address, stream, body.Slice(at, length).ToArray());
    }

    private static int Count(ReadOnlySpan<byte> body, long chunk) => body.Length >= HeaderBytes && body[0] == Version
        ? BinaryPrimitives.ReadInt32LittleEndian(body[1..])
        : throw new InvalidDataException($"Decision chunk {chunk} of {body.Length} bytes does not start with format version {Version}.");

    private static (long Stream, uint Nonce, int Length) Entry(ReadOnlySpan<byte> body, int index)
    {
        ReadOnlySpan<byte> entry = body.Slice(HeaderBytes + (index * EntryBytes), EntryBytes);
        return (BinaryPrimitives.ReadInt64LittleEndian(entry), BinaryPrimitives.ReadUInt32LittleEndian(entry[8..]), BinaryPrimitives.ReadInt32LittleEndian(entry[12..]));
    }
}
