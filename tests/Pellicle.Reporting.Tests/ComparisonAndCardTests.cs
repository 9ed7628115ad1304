using Pellicle.Core.Errors;

namespace Pellicle.Reporting.Tests;

public sealed class ComparisonAndCardTests
{
    [Fact]
    public void Several_runs_stand_in_one_table_and_each_has_its_part()
    {
        using SampleRun a = SampleRun.Private();
        using SampleRun b = SampleRun.NonPrivate();
        string file = Path.Combine(a.Folder, "compared.html");

        ReportResult result = ReportPipeline.Run(new ReportRequest { RunFolders = [a.Folder, b.Folder], OutFile = file });
        string html = File.ReadAllText(file);

        Assert.Equal([a.Folder, b.Folder], result.Runs);
        Assert.Contains("2 runs compared", html, StringComparison.Ordinal);
        Assert.Contains("href=\"#run1\"", html, StringComparison.Ordinal);
        Assert.Contains("id=\"run1\"", html, StringComparison.Ordinal);
        Assert.Equal(0, result.ExternalReferences);
    }

    [Fact]
    public void The_card_has_a_YAML_head_and_leaves_what_nobody_said_to_do()
    {
        using SampleRun run = SampleRun.Private();
        string card = run.PathOf("card.md");
        ReportPipeline.Run(new ReportRequest { RunFolders = [run.Folder], Card = card });
        string[] lines = File.ReadAllLines(card);

        Assert.Equal("---", lines[0]);
        Assert.Contains("license: TODO", lines);
        Assert.Contains("intended_use: TODO", lines);
        Assert.Contains("  epsilon: 2.999", lines);
        Assert.Contains("  delta: 1E-05", lines);
        Assert.Contains("  unit: image", lines);
        Assert.Contains("  accountant: prv", lines);
        Assert.Contains(lines, l => l.StartsWith("| sex: female |", StringComparison.Ordinal));
    }

    [Fact]
    public void A_card_of_a_bare_folder_invents_nothing()
    {
        using SampleRun run = SampleRun.Private();
        foreach (string file in new[] { "run.json", "privacy.json", "audit.json", "eval-test.json" })
        {
            File.Delete(run.PathOf(file));
        }

        run.WriteText("config.yaml", "model:\n");
        string card = run.PathOf("card.md");
        ReportPipeline.Run(new ReportRequest { RunFolders = [run.Folder], Card = card });
        string text = File.ReadAllText(card);

        Assert.Contains("architecture: TODO", text, StringComparison.Ordinal);
        Assert.Contains("guarantee: TODO", text, StringComparison.Ordinal);
        Assert.Contains("auc: TODO", text, StringComparison.Ordinal);
        Assert.DoesNotContain("epsilon:", text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_run_without_a_supporting_ledger_has_no_epsilon_in_its_card()
    {
        using SampleRun run = SampleRun.Private();
        File.Delete(run.PathOf("ledger.jsonl"));
        string card = run.PathOf("card.md");
        ReportPipeline.Run(new ReportRequest { RunFolders = [run.Folder], Card = card });
        string text = File.ReadAllText(card);

        Assert.Contains("guarantee: none", text, StringComparison.Ordinal);
        Assert.DoesNotContain("  epsilon:", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Hostile_names_cannot_leave_their_place_in_the_card()
    {
        using SampleRun run = SampleRun.Private();
        run.WriteEvaluation(["a\"\n---\nevil: yes", "b|c<script>"]);
        run.Edit("eval-test.json", json => json["groups"]![0]!["value"] = "x | y\n| <img src=q>");
        string card = run.PathOf("card.md");
        ReportPipeline.Run(new ReportRequest { RunFolders = [run.Folder], Card = card });
        string text = File.ReadAllText(card);

        Assert.DoesNotContain("\nevil: yes", text, StringComparison.Ordinal);
        Assert.DoesNotContain("<img", text, StringComparison.Ordinal);
        Assert.Equal(2, text.Split('\n').Count(line => line == "---"));
    }

    [Fact]
    public void A_card_for_several_runs_is_wrong_usage() =>
        Assert.Throws<UsageException>(() => ReportPipeline.Run(new ReportRequest { RunFolders = ["a", "b"], Card = "c.md" }));
}
