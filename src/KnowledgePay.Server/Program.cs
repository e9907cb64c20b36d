using KnowledgePay.Grains.Hosting;
using KnowledgePay.Server.Hosting;
using Microsoft.Extensions.Options;

ServerArguments arguments = ServerArguments.Parse(args);
if (arguments.Error is not null || arguments.WantsHelp)
{
    TextWriter output = arguments.Error is null ? Console.Out : Console.Error;
    output.WriteLine(arguments.Error is null ? ServerArguments.Help : $"{arguments.Error}\n\n{ServerArguments.Help}");
    return arguments.Error is null ? 0 : 2;
}

WebApplicationBuilder builder = ServerConfiguration.CreateBuilder(arguments);
if (arguments.WantsHealth)
{
    return await HealthProbe.Run(builder.Configuration);
}

if (arguments.WantsBackup)
{
    return await Backup.Run(builder.Configuration);
}

if (arguments.WantsMigration)
{
    return await Migration.Run(builder.Configuration);
}

if (await Migration.BeforeStart(builder.Configuration) is not 0 and int failed)
{
    return failed;
}

try
{
    builder.AddKnowledgePayEngine();
    builder.AddHttpLayer();
    WebApplication app = builder.Build();
    // Before anything is built on settings that are wrong: all of them are named, and nothing else is said.
    app.Services.GetRequiredService<IStartupValidator>().Validate();
    app.UseHttpLayer();
    await app.RunAsync();
    return Environment.ExitCode;
}
catch (Exception failure) when (StartFaults.Of(failure) is { } faults)
{
    foreach (string fault in faults)
    {
        Console.Error.WriteLine(fault);
    }

    return StartFaults.ExitCode;
}
