using System.Text.Json;

namespace Pellicle.Cli.Tests.EndToEnd;

public sealed class LauncherTests : IDisposable
{
    private static readonly string Launcher = Path.Combine(SharedFiles.Repository, "pellicle");

    private readonly string _folder = Directory.CreateTempSubdirectory("pellicle launcher ").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [LauncherFact]
    public void It_works_from_any_folder_through_a_link_in_a_path_with_blanks()
    {
        string link = Path.Combine(_folder, "my pellicle");
        File.CreateSymbolicLink(link, Launcher);
        ProcessRun run = ProcessRun.Of(link, _folder, NoBuild(), "--version");
        Assert.Equal((0, $"pellicle {AppVersion.Text}\n", ""), (run.ExitCode, run.Output, run.Error));
    }

    [LauncherFact]
    public void Doctor_prints_one_json_document_and_nothing_else()
    {
        ProcessRun run = ProcessRun.Of(Launcher, _folder, NoBuild(), "doctor", "--json");
        using JsonDocument json = JsonDocument.Parse(run.Output);
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        JsonElement result = json.RootElement.GetProperty("result");
        Assert.True(result.GetProperty("cpu").GetProperty("cores").GetInt32() >= 1);
        Assert.NotEmpty(result.GetProperty("libtorchVersion").GetString()!);
        Assert.All(result.GetProperty("checks").EnumerateArray(), c => Assert.NotEqual("missing", c.GetProperty("status").GetString()));
    }

    [LauncherFact]
    public void Arguments_and_exit_code_pass_unchanged()
    {
        ProcessRun run = ProcessRun.Of(Launcher, _folder, NoBuild(), "doctor", "two words", "--set", "a=$HOME *");
        Assert.Equal((2, ""), (run.ExitCode, run.Output));
        Assert.Contains("'two words' was not expected", run.Error, StringComparison.Ordinal);
        Assert.Contains("--set a=$HOME *", run.Error, StringComparison.Ordinal);
    }

    [LauncherFact]
    public void A_missing_part_gives_one_clear_line_and_exit_code_3()
    {
        // A checkout without any build output, on a "machine" whose PATH has no compiler.
        string tree = Path.Combine(_folder, "empty tree");
        string tools = Path.Combine(_folder, "tools");
        Directory.CreateDirectory(Path.Combine(tree, "build"));
        Directory.CreateDirectory(Path.Combine(tree, "src"));
        Directory.CreateDirectory(Path.Combine(tree, "native"));
        Directory.CreateDirectory(tools);
        foreach (string file in new[] { "pellicle", "build.sh", "build/common.sh" })
        {
            File.Copy(Path.Combine(SharedFiles.Repository, file), Path.Combine(tree, file));
        }

        foreach (string tool in new[] { "bash", "find", "sort", "cksum", "dirname", "readlink", "mkdir", "flock", "cut", "tr", "id", "cat", "sed" })
        {
            string real = new[] { "/usr/bin/", "/bin/" }.Select(d => d + tool).First(File.Exists);
            File.CreateSymbolicLink(Path.Combine(tools, tool), real);
        }

        var variables = new Dictionary<string, string?> { ["PATH"] = tools, ["PELLICLE_NO_INSTALL"] = "1", ["PELLICLE_NO_BUILD"] = null };
        ProcessRun run = ProcessRun.Of("/bin/bash", _folder, variables, Path.Combine(tree, "pellicle"), "doctor");
        Assert.Equal((3, ""), (run.ExitCode, run.Output));
        Assert.Contains("pellicle: missing: cmake: builds the native part\n", run.Error, StringComparison.Ordinal);
        Assert.Contains("pellicle: hint: sudo apt-get update && sudo apt-get install", run.Error, StringComparison.Ordinal);
    }

    [LauncherFact]
    public void Without_a_build_and_with_building_forbidden_it_says_what_to_run()
    {
        string tree = Path.Combine(_folder, "tree");
        Directory.CreateDirectory(Path.Combine(tree, "build"));
        File.Copy(Launcher, Path.Combine(tree, "pellicle"));
        File.Copy(Path.Combine(SharedFiles.Repository, "build", "common.sh"), Path.Combine(tree, "build", "common.sh"));
        ProcessRun run = ProcessRun.Of("/bin/bash", _folder, NoBuild(), Path.Combine(tree, "pellicle"), "doctor");
        Assert.Equal((3, ""), (run.ExitCode, run.Output));
        Assert.Contains("PELLICLE_NO_BUILD=1 forbids", run.Error, StringComparison.Ordinal);
        Assert.Contains("build.sh", run.Error, StringComparison.Ordinal);
    }

    private static Dictionary<string, string?> NoBuild() => new() { ["PELLICLE_NO_BUILD"] = "1" };
}
