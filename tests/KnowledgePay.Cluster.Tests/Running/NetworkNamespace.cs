using System.Diagnostics;

namespace KnowledgePay.Cluster.Tests;

/// <summary>A network of its own for one silo: one wire to its peers, which can be cut, and one to callers. Unix sockets go past both. Making one is for root.</summary>
public sealed class NetworkNamespace : IAsyncDisposable
{
    private const string Prefix = "10.231";

    private readonly string _id = $"kp{Random.Shared.Next(100_000, 1_000_000)}";
    private readonly int _net = Random.Shared.Next(0, 127) * 2;

    private NetworkNamespace()
    {
    }

    public string Name => _id;

    /// <summary>The address of this side of the wire to the peers.</summary>
    public string OutsideAddress => $"{Prefix}.{_net}.1";

    /// <summary>The address of the silo's side of it.</summary>
    public string InsideAddress => $"{Prefix}.{_net}.2";

    /// <summary>The address where callers reach the silo.</summary>
    public string CallersAddress => $"{Prefix}.{_net + 1}.2";

    /// <summary>Makes the network, or skips the test where that is not allowed.</summary>
    public static async Task<NetworkNamespace> Create()
    {
        var network = new NetworkNamespace();
        try
        {
            await network.Ip($"netns add {network.Name}");
            await network.Wire("p", network._net);
            await network.Wire("c", network._net + 1);
            await network.Ip($"-n {network.Name} link set lo up");
            return network;
        }
        catch (Exception e) when (e is InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            await network.DisposeAsync();
            Assert.Skip($"A network namespace cannot be made here ({e.Message.Trim()}).");
            throw;
        }
    }

    /// <summary>Nothing gets through to the peers any more, in either direction, and nobody is told.</summary>
    public Task Cut() => Ip($"link set {_id}p down");

    public Task Heal() => Ip($"link set {_id}p up");

    public async ValueTask DisposeAsync()
    {
        foreach (string arguments in (string[])[$"link del {_id}p", $"link del {_id}c", $"netns del {Name}"])
        {
            try
            {
                await Ip(arguments);
            }
            catch (Exception e) when (e is InvalidOperationException or System.ComponentModel.Win32Exception)
            {
                // It was never made.
            }
        }
    }

    private async Task Wire(string end, int net)
    {
        await Ip($"link add {_id}{end} type veth peer name {_id}{end}i");
        await Ip($"link set {_id}{end}i netns {Name}");
        await Ip($"addr add {Prefix}.{net}.1/30 dev {_id}{end}");
        await Ip($"link set {_id}{end} up");
        await Ip($"-n {Name} addr add {Prefix}.{net}.2/30 dev {_id}{end}i");
        await Ip($"-n {Name} link set {_id}{end}i up");
    }

    private async Task Ip(string arguments)
    {
        using Process ip = Process.Start(new ProcessStartInfo("ip", arguments) { RedirectStandardError = true })!;
        string errors = await ip.StandardError.ReadToEndAsync();
        await ip.WaitForExitAsync();
        if (ip.ExitCode != 0)
        {
            throw new InvalidOperationException($"ip {arguments}: {errors}");
        }
    }
}
