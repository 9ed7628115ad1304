using Pellicle.Core.Errors;

namespace Pellicle.Reporting.Tests;

public sealed class RunFolderFaultTests
{
    [Theory]
    [InlineData("privacy.json", "privacy.json")]
    [InlineData("metrics.jsonl", "metrics.jsonl")]
    [InlineData("audit.json", "audit.json")]
    [InlineData("eval-test.json", "eval-test.json")]
    [InlineData("config.yaml", "config.yaml")]
    [InlineData("run.json", "run.json")]
    public void A_missing_file_is_named_and_the_report_is_written(string file, string named)
    {
        using SampleRun run = SampleRun.Private();
        File.Delete(run.PathOf(file));

        Assert.Contains(named, run.Report(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_run_that_has_only_begun_can_be_reported()
    {
        using SampleRun run = SampleRun.Private();
        foreach (string file in new[] { "privacy.json", "ledger.jsonl", "metrics.jsonl", "audit.json", "eval-test.json" })
        {
            File.Delete(run.PathOf(file));
        }

        Assert.Contains("No privacy statement.", run.Report(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("privacy.json", "{\"private\": \"yes\"}")]
    [InlineData("privacy.json", "[1, 2]")]
    [InlineData("run.json", "{\"status\": ")]
    [InlineData("eval-test.json", "{}")]
    [InlineData("audit.json", "{\"attacks\": 3}")]
    [InlineData("audit.json", "")]
    [InlineData("metrics.jsonl", "{\"step\": 1\nnonsense\n{}\n")]
    public void A_damaged_file_is_an_input_error_that_names_it(string file, string content)
    {
        using SampleRun run = SampleRun.Private();
        run.WriteText(file, content);

        DataFormatException e = Assert.Throws<DataFormatException>(() => run.Report());

        Assert.Contains(file, e.Message, StringComparison.Ordinal);
        Assert.NotEmpty(e.Hint);
    }

    [Fact]
    public void The_cut_off_last_line_of_a_killed_run_is_left_out()
    {
        using SampleRun run = SampleRun.Private();
        File.AppendAllText(run.PathOf("metrics.jsonl"), "{\"step\":464,\"epo");

        Assert.Contains("Training loss", run.Report(), StringComparison.Ordinal);
    }

    // Truncations at many places: the report is written, or the error is one a user can act on. Never another exception.
    [Fact]
    [Trait(Speed.Trait, Speed.Slow)]
    public void Truncated_files_never_crash_the_report()
    {
        foreach (string file in new[] { "privacy.json", "run.json", "eval-test.json", "audit.json", "metrics.jsonl", "ledger.jsonl", "config.yaml" })
        {
            for (int part = 1; part <= 6; part++)
            {
                using SampleRun run = SampleRun.Private();
                byte[] bytes = File.ReadAllBytes(run.PathOf(file));
                File.WriteAllBytes(run.PathOf(file), bytes[..(bytes.Length * part / 7)]);
                try
                {
                    run.Report();
                }
                catch (DataFormatException)
                {
                    // named above
                }
            }
        }
    }

    [Fact]
    public void Folders_that_are_no_runs_are_refused()
    {
        string empty = Directory.CreateTempSubdirectory("pellicle-report-").FullName;
        Assert.Throws<DataFormatException>(() => ReportPipeline.Run(new ReportRequest { RunFolders = [empty] }));
        Assert.Throws<DataFormatException>(() => ReportPipeline.Run(new ReportRequest { RunFolders = [Path.Combine(empty, "absent")] }));
        Assert.Throws<UsageException>(() => ReportPipeline.Run(new ReportRequest { RunFolders = [] }));
        Directory.Delete(empty);
    }
}
