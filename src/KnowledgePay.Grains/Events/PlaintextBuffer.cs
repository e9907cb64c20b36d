using System.Buffers;

namespace KnowledgePay.Grains.Events;

/// <summary>Where a thread serialises what it is about to encrypt: reused, so that only the ciphertext is allocated, and zeroed by the next use.</summary>
internal static class PlaintextBuffer
{
    private const int InitialBytes = 4 * 1024;
    private const int LargestKeptBytes = 256 * 1024;

    [ThreadStatic]
    private static ArrayBufferWriter<byte>? _buffer;

    /// <summary>The thread's buffer, empty. To be used up before the thread does anything else.</summary>
    public static ArrayBufferWriter<byte> Take()
    {
        if (_buffer is null || _buffer.Capacity > LargestKeptBytes)
        {
            return _buffer = new ArrayBufferWriter<byte>(InitialBytes);
        }

        _buffer.Clear();
        return _buffer;
    }
}
