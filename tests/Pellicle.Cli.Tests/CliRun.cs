using System.Text.Json;
using Pellicle.Cli.Commands;

namespace Pellicle.Cli.Tests;

/// <summary>One run of the program inside the test process: exit code, stdout, stderr.</summary>
internal sealed record CliRun(int ExitCode, string Output, string Error)
{
    private static readonly App Program = new(CommandTree.All);

    public static CliRun Of(params string[] args) => Of(Program, null, args);

    public static CliRun With(Dictionary<string, string> variables, params string[] args) => Of(Program, variables, args);

    public static CliRun Of(App app, Dictionary<string, string>? variables, params string[] args)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        int code = app.Run(args, new AppHost { Output = output, Error = error, Variables = variables ?? [] });
        return new CliRun(code, output.ToString(), error.ToString());
    }

    /// <summary>The JSON document on stdout; fails if there is anything else.</summary>
    public JsonElement Json()
    {
        using JsonDocument document = JsonDocument.Parse(Output);
        return document.RootElement.Clone();
    }
}
