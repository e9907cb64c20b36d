using System.Net.Sockets;
using KnowledgePay.Grains.Events;
using Microsoft.Extensions.Options;

namespace KnowledgePay.Server.Hosting;

/// <summary>What of a failed start its operator can put right: said in plain lines, without a stack.</summary>
public static class StartFaults
{
    /// <summary>Exit code of a start whose settings are wrong.</summary>
    public const int ExitCode = 2;

    /// <summary>The lines, or null for a failure that the settings do not explain.</summary>
    public static IReadOnlyList<string>? Of(Exception failure)
    {
        for (Exception? one = failure; one is not null; one = one.InnerException)
        {
            switch (one)
            {
                case AggregateException several:
                    string[][] all = [.. several.InnerExceptions.Select(Of).Where(lines => lines is not null).Select(lines => lines!.ToArray())];
                    return all.Length == several.InnerExceptions.Count ? [.. all.SelectMany(lines => lines).Distinct()] : null;
                case OptionsValidationException settings:
                    return [.. settings.Failures];
                case StoredFormatException:
                    return [one.Message];
                case InvalidOperationException when one.Message.StartsWith("Failed to convert configuration value", StringComparison.Ordinal):
                    return [one.Message];
                case IOException when one.InnerException is Microsoft.AspNetCore.Connections.AddressInUseException || one.InnerException is SocketException { SocketErrorCode: SocketError.AddressAlreadyInUse }:
                    return [$"{one.Message} Another process listens there; choose another with --urls."];
                default:
                    break;
            }
        }

        return null;
    }
}
