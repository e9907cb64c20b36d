namespace KnowledgePay.Engine.Tests;

/// <summary>Makes the disk slow for one process: so many synchronous writes a second (a control group's <c>blkio</c> limits, for root).</summary>
public sealed class SlowDisk : IDisposable
{
    private const string Root = "/sys/fs/cgroup/blkio";

    private readonly string _group = Path.Combine(Root, "kpay-" + Guid.NewGuid().ToString("N"));

    /// <summary>Slows the process down on the disk that holds the directory, or skips the test where that is not possible.</summary>
    public SlowDisk(int processId, string directory, int writesPerSecond)
    {
        try
        {
            if (!Directory.Exists(Root))
            {
                Assert.Skip("There is no control group for block devices (blkio) here.");
            }

            string disk = DiskOf(directory);
            Directory.CreateDirectory(_group);
            File.WriteAllText(Path.Combine(_group, "blkio.throttle.write_iops_device"), $"{disk} {writesPerSecond}");
            File.WriteAllText(Path.Combine(_group, "cgroup.procs"), processId.ToString());
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Dispose();
            Assert.Skip($"A disk cannot be slowed down here ({e.Message}).");
        }
    }

    public void Dispose()
    {
        if (!Directory.Exists(_group))
        {
            return;
        }

        foreach (string process in File.ReadAllLines(Path.Combine(_group, "cgroup.procs")))
        {
            File.WriteAllText(Path.Combine(Root, "cgroup.procs"), process);
        }

        Directory.Delete(_group);
    }

    /// <summary>Device numbers of the whole disk below a directory.</summary>
    private static string DiskOf(string directory)
    {
        string mount = File.ReadLines("/proc/self/mountinfo").Select(line => line.Split(' '))
            .Where(fields => directory == fields[4] || directory.StartsWith(fields[4].TrimEnd('/') + "/", StringComparison.Ordinal))
            .MaxBy(fields => fields[4].Length)![2];
        string device = $"/sys/dev/block/{mount}";
        return File.Exists(Path.Combine(device, "partition"))
            ? File.ReadAllText(Path.Combine(Path.GetDirectoryName(Directory.ResolveLinkTarget(device, returnFinalTarget: true)!.FullName)!, "dev")).Trim()
            : Directory.Exists(device) ? mount : throw new IOException($"{directory} is on no disk");
    }
}
