using System.Text.Json.Nodes;
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
    public void The_card_answers_what_a_reviewer_asks()
    {
        using SampleRun run = SampleRun.Private();
        string card = run.PathOf("card.md");
        ReportPipeline.Run(new ReportRequest { RunFolders = [run.Folder], Card = card });
        string text = File.ReadAllText(card);

        Assert.Equal(
            ["## Intended use", "## Model", "## Data", "## Privacy", "## Evaluation", "## Audit", "## Limits and risks"],
            text.Split('\n').Where(line => line.StartsWith("## ", StringComparison.Ordinal)));
        Assert.Contains("Research use, not a medical device.", text, StringComparison.Ordinal);
        Assert.Contains("medical_device: false", text, StringComparison.Ordinal);
        Assert.Contains("Training images: 5,918", text, StringComparison.Ordinal);
        Assert.Contains("5,380,000 of 5,380,000 parameters trained", text, StringComparison.Ordinal);

        // An epsilon with everything that belongs to it, on one line.
        Assert.Contains("epsilon ≤ 2.999 at delta 1e-5; unit: one image; adding or removing one image; Poisson sampling; PRV accountant", text, StringComparison.Ordinal);
        Assert.Contains("Not covered: choosing settings", text, StringComparison.Ordinal);

        // Every figure with its interval, for all and for each group.
        string[] rows = [.. text.Split('\n').Where(line => line.StartsWith("| all (test) |", StringComparison.Ordinal) || line.StartsWith("| sex: ", StringComparison.Ordinal) || line.StartsWith("| age: ", StringComparison.Ordinal))];
        Assert.True(rows.Length >= 4);
        Assert.All(rows[..3], row => Assert.Matches(@"^\| [^|]+ \| \d+ \| 0\.\d{3} \[0\.\d{3}, [01]\.\d{3}\] \| 0\.\d{3} \[0\.\d{3}, [01]\.\d{3}\] \| 0\.\d{3} \[", row));
        Assert.Contains("Balanced accuracy by sex: ", text, StringComparison.Ordinal);
        Assert.Contains("(few images)", text, StringComparison.Ordinal);
        Assert.Contains("| truth \\ predicted | benign | malignant |", text, StringComparison.Ordinal);
        Assert.Contains("An audit can disprove a guarantee, never prove one.", text, StringComparison.Ordinal);
        Assert.Matches(@"- loss attack on 6,000 targets: AUC 0\.\d{3} \[.*epsilon at least ", text);
        Assert.Contains("Metrics hold for images like those evaluated", text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_card_before_any_evaluation_names_the_command_and_what_training_saw()
    {
        using SampleRun run = SampleRun.Private();
        File.Delete(run.PathOf("eval-test.json"));
        run.Edit("run.json", json => json["result"]!["test"] = new JsonObject { ["n"] = 600, ["auc"] = 0.912, ["accuracy"] = 0.85 });
        string card = run.PathOf("card.md");
        ReportPipeline.Run(new ReportRequest { RunFolders = [run.Folder], Card = card });
        string text = File.ReadAllText(card);

        Assert.Contains("run `pellicle eval`", text, StringComparison.Ordinal);
        Assert.Contains("test split, 600 images: AUC 0.912, accuracy 0.850", text, StringComparison.Ordinal);
        Assert.Contains("  auc: TODO", text, StringComparison.Ordinal);
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
