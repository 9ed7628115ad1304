using System.Text.Json;

namespace Pellicle.Cli.Tests.EndToEnd;

/// <summary>The demo on few images, from training to the report.</summary>
public sealed class DemoTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("pellicle-demo-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    [Trait(Speed.Trait, Speed.Full)]
    public void The_demo_predicts_test_images_under_encryption_as_in_the_clear_and_reports_it()
    {
        CliRun run = CliRun.Of("demo", "--images", "400", "--epochs", "2", "--out", Path.Combine(_folder, "demo"), "--json");

        Assert.Equal(0, run.ExitCode);
        JsonElement result = run.Json().GetProperty("result"), mpc = result.GetProperty("mpc");
        Assert.True(result.GetProperty("export").GetProperty("mpcReady").GetBoolean());
        Assert.Equal(3, mpc.GetProperty("predictions").GetArrayLength());
        Assert.All(mpc.GetProperty("plain").EnumerateArray(), plain =>
        {
            Assert.True(plain.GetProperty("sameTop1").GetBoolean());
            Assert.InRange(plain.GetProperty("maxAbsDifference").GetDouble(), 0, 0.02);
        });
        Assert.Contains("Encrypted prediction", File.ReadAllText(result.GetProperty("report").GetString()!), StringComparison.Ordinal);
    }
}
