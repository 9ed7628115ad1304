namespace Pellicle.Reporting.Tests;

public class EncryptedPredictionSectionTests
{
    private const string Trial = """
        {"protocol": "replicated3", "parties": 3, "threatModel": {"corruption": "semiHonest", "honestMajority": true, "text": "No single server sees the image."}, "leaks": ["layer types and shapes"],
         "fractionalBits": 16, "planHash": "abc123", "local": true, "predictions": [],
         "plain": [{"predicted": "", "logits": [], "maxAbsDifference": 0.004, "sameTop1": true}, {"predicted": "", "logits": [], "maxAbsDifference": 0.002, "sameTop1": false}],
         "cost": {"roundsOnline": 67, "bytesOnline": 1580000, "secondsOnline": 0.25},
         "layers": [{"name": "<conv>", "operator": "Conv", "rounds": 1, "bytes": 12345, "seconds": 0.01}],
         "network": {"kind": "loopback", "rttMs": null, "bitsPerSecond": null}, "revealed": ["logits to client"]}
        """;

    [Fact]
    public void A_trial_is_shown_with_guarantee_leaks_cost_and_difference()
    {
        using SampleRun run = SampleRun.Private();
        run.WriteText("mpc.json", Trial);

        string html = File.ReadAllText(ReportPipeline.Run(new ReportRequest { RunFolders = [run.Folder], OutFile = run.PathOf("report.html") }).File);

        Assert.Contains("Encrypted prediction", html, StringComparison.Ordinal);
        Assert.Contains("No single server sees the image.", html, StringComparison.Ordinal);
        Assert.Contains("67 rounds, 1.58 MB between the parties (loopback)", html, StringComparison.Ordinal);
        Assert.Contains("1 of 2 images get the same class; logits differ by at most 0.004", html, StringComparison.Ordinal);
        Assert.Contains("&lt;conv&gt;", html, StringComparison.Ordinal);
        Assert.Contains("whose owner sees everything", html, StringComparison.Ordinal);
    }

    [Fact]
    public void A_run_without_a_trial_has_no_such_section()
    {
        using SampleRun run = SampleRun.Private();

        string html = File.ReadAllText(ReportPipeline.Run(new ReportRequest { RunFolders = [run.Folder], OutFile = run.PathOf("report.html") }).File);

        Assert.DoesNotContain("Encrypted prediction", html, StringComparison.Ordinal);
    }
}
