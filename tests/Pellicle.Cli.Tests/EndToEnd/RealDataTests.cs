using System.Text.Json;

namespace Pellicle.Cli.Tests.EndToEnd;

/// <summary>The commands of <c>docs/tutorial.md</c>, on the real images they name. Minutes each.</summary>
[Trait(Speed.Trait, Speed.Full)]
public sealed class RealDataTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("pellicle-real-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [SharedFact("data/mnist.zip")]
    public void The_private_MNIST_tutorial_reaches_its_accuracy_at_its_epsilon()
    {
        CliRun run = CliRun.Of(
            "train", "--data", "idx:" + SharedFiles.Locate("data/mnist.zip"), "--model", "cnn_mnist", "--optimizer", "sgd", "--lr", "0.05", "--batch", "64", "--steps", "9380",
            "--noise-multiplier", "1.3", "--max-grad-norm", "1.0", "--delta", "1e-5", "--accountant", "rdp", "--orders", "2..31", "--out", Path.Combine(_folder, "mnist"), "--json", "--quiet");
        Assert.Equal(0, run.ExitCode);
        Assert.All(run.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries), line => Assert.StartsWith("pellicle: warning: ", line, StringComparison.Ordinal)); // --quiet leaves warnings
        JsonElement result = run.Json().GetProperty("result");
        Assert.Equal(0.4519, result.GetProperty("privacy").GetProperty("epsilon").GetDouble(), 4);
        Assert.Contains("best order 22", result.GetProperty("privacy").GetProperty("statement").GetString(), StringComparison.Ordinal);
        Assert.True(result.GetProperty("test").GetProperty("accuracy").GetDouble() >= 0.915);
    }

    [SharedFact("data/ham10000-200x150.zip")]
    public void The_private_skin_lesion_transformer_trains_is_audited_and_reported()
    {
        string folder = Path.Combine(_folder, "ham");
        CliRun train = CliRun.Of(
            "train", "--data", "pack:" + SharedFiles.Locate("data/ham10000-200x150.zip"), "--model", "vit_tiny", "--image-size", "64", "--optimizer", "adam", "--lr", "1e-4", "--batch", "32",
            "--noise-multiplier", "1.1", "--max-grad-norm", "1.0", "--delta", "1e-5", "--max-epsilon", "50", "--epochs", "2", "--out", folder, "--json", "--quiet");
        Assert.Equal(0, train.ExitCode);
        Assert.All(train.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries), line => Assert.StartsWith("pellicle: warning: ", line, StringComparison.Ordinal)); // --quiet leaves warnings
        JsonElement result = train.Json().GetProperty("result");
        Assert.Equal("completed", result.GetProperty("status").GetString());
        Assert.Equal(370, result.GetProperty("steps").GetInt64());
        double upper = result.GetProperty("privacy").GetProperty("epsilon").GetDouble();
        Assert.InRange(upper, 0.1, 50);

        CliRun audit = CliRun.Of("audit", folder, "--json", "--quiet");
        Assert.Equal(0, audit.ExitCode);
        Assert.True(audit.Json().GetProperty("result").GetProperty("consistent").GetBoolean());

        string report = Path.Combine(_folder, "report.html");
        CliRun page = CliRun.Of("report", folder, "--out", report, "--json", "--quiet");
        Assert.Equal(0, page.ExitCode);
        Assert.Equal(0, page.Json().GetProperty("result").GetProperty("externalReferences").GetInt32());
        Assert.DoesNotContain("<img", File.ReadAllText(report), StringComparison.Ordinal);
    }
}
