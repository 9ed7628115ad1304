using System.Text.Json;

namespace Pellicle.Cli.Tests.EndToEnd;

public sealed class DataTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("pellicle-data-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Synthetic_images_are_written_and_inspected()
    {
        string pack = Path.Combine(_folder, "made.zip");
        CliRun made = CliRun.Of("data", "synth", "--images", "40", "--size", "16", "--out", pack, "--json");
        Assert.Equal((0, ""), (made.ExitCode, made.Error));
        Assert.Equal(40, made.Json().GetProperty("result").GetProperty("images").GetInt32());

        CliRun seen = CliRun.Of("data", "inspect", pack, "--json");
        JsonElement result = seen.Json().GetProperty("result");
        Assert.Equal(40, result.GetProperty("images").GetInt32());
        Assert.True(result.GetProperty("isSynthetic").GetBoolean());
        string[] fields =
        [
            "source", "kind", "images", "unreadable", "classes", "counts", "sizes", "duplicates", "patients", "imagesPerPatient", "columns", "dicomTags", "suggestedOptions", "isSynthetic",
        ];
        Assert.All(fields, field => Assert.True(result.TryGetProperty(field, out _), field));
        Assert.Contains("SYNTHETIC – not patient data", CliRun.Of("data", "inspect", pack).Output, StringComparison.Ordinal);
    }

    [Fact]
    public void An_existing_file_is_replaced_only_when_told()
    {
        string pack = Path.Combine(_folder, "made.zip");
        File.WriteAllText(pack, "precious");
        CliRun refused = CliRun.Of("data", "synth", "--images", "4", "--size", "16", "--out", pack);
        Assert.Equal((2, ""), (refused.ExitCode, refused.Output));
        Assert.Contains("--yes", refused.Error, StringComparison.Ordinal);
        Assert.Equal("precious", File.ReadAllText(pack));
        Assert.Equal(0, CliRun.Of("data", "synth", "--images", "4", "--size", "16", "--out", pack, "--yes").ExitCode);
        Assert.NotEqual("precious", File.ReadAllText(pack)[..8]);
    }

    [Theory]
    [InlineData("missing.zip")]
    [InlineData("broken.zip")]
    public void Data_that_cannot_be_used_end_with_exit_code_3_and_the_name_of_the_file(string name)
    {
        File.WriteAllText(Path.Combine(_folder, "broken.zip"), "PK but not really");
        CliRun run = CliRun.Of("data", "inspect", Path.Combine(_folder, name), "--json");
        JsonElement error = run.Json().GetProperty("error");
        Assert.Equal(3, run.ExitCode);
        Assert.Equal("input", error.GetProperty("kind").GetString());
        Assert.Contains(name, error.GetProperty("message").GetString(), StringComparison.Ordinal);
    }
}
