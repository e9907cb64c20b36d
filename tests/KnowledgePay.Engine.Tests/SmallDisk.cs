using System.Diagnostics;

namespace KnowledgePay.Engine.Tests;

/// <summary>A file system of a few megabytes in memory, which a test fills. Mounting one is for root.</summary>
public sealed class SmallDisk : IAsyncDisposable
{
    private const string BallastFile = "ballast";

    private SmallDisk(string path) => Path = path;

    public string Path { get; }

    /// <summary>Bytes that are free.</summary>
    public long Free => new DriveInfo(Path).AvailableFreeSpace;

    /// <summary>Mounts a disk, or skips the test where that is not allowed.</summary>
    public static async Task<SmallDisk> Mount(int megabytes)
    {
        string path = Directory.CreateTempSubdirectory("kpay-small-disk-").FullName;
        (int exitCode, string output) = OperatingSystem.IsLinux() ? await Run("mount", "-t", "tmpfs", "-o", $"size={megabytes}m", "kpay-small-disk", path) : (1, "this is not Linux");
        if (exitCode != 0)
        {
            Directory.Delete(path);
            Assert.Skip($"A small file system cannot be mounted here ({output.Trim()}).");
        }

        return new SmallDisk(path);
    }

    /// <summary>Takes all the space there is but so much.</summary>
    public void Fill(long bytesLeft)
    {
        using var ballast = new FileStream(System.IO.Path.Combine(Path, BallastFile), FileMode.Append);
        byte[] block = new byte[64 * 1024];
        while (Free > bytesLeft)
        {
            ballast.Write(block, 0, (int)Math.Min(block.Length, Math.Max(4096, Free - bytesLeft)));
            ballast.Flush();
        }
    }

    /// <summary>Gives the space back.</summary>
    public void Empty() => File.Delete(System.IO.Path.Combine(Path, BallastFile));

    public async ValueTask DisposeAsync()
    {
        await Run("umount", "-l", Path);
        Directory.Delete(Path, recursive: true);
    }

    private static async Task<(int ExitCode, string Output)> Run(string program, params string[] arguments)
    {
        try
        {
            using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            string output = await process.StandardOutput.ReadToEndAsync() + await process.StandardError.ReadToEndAsync();
            await process.WaitForExitAsync();
            return (process.ExitCode, output);
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            return (1, e.Message);
        }
    }
}
