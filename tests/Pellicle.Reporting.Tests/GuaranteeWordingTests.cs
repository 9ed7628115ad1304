using System.Text.RegularExpressions;

namespace Pellicle.Reporting.Tests;

public sealed class GuaranteeWordingTests
{
    [Fact]
    public void A_supported_guarantee_is_shown_with_everything_that_belongs_to_an_epsilon()
    {
        using SampleRun run = SampleRun.Private();
        string card = Card(run.Report(), "Guarantee");

        Assert.Contains("ε ≤ 2.999", card, StringComparison.Ordinal); // 2.9983 is rounded up
        Assert.Contains("delta 1e-5", card, StringComparison.Ordinal);
        Assert.Contains("one image", card, StringComparison.Ordinal);
        Assert.Contains("adding or removing one", card, StringComparison.Ordinal);
        Assert.Contains("Poisson sampling", card, StringComparison.Ordinal);
        Assert.Contains("PRV accountant", card, StringComparison.Ordinal);
    }

    [Fact]
    public void Forbidden_words_do_not_occur_and_the_use_is_stated()
    {
        using SampleRun a = SampleRun.Private();
        using SampleRun b = SampleRun.NonPrivate();
        string html = a.Report() + b.Report();

        Assert.DoesNotMatch(new Regex("anonym|compliant|unhackable", RegexOptions.IgnoreCase), html);
        Assert.Contains("Research use, not a medical device.", html, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_privacy_the_report_says_so_loudly_and_names_no_upper_bound()
    {
        using SampleRun run = SampleRun.NonPrivate();
        string html = run.Report();

        Assert.Contains("<b>Trained WITHOUT differential privacy: no guarantee.</b>", html, StringComparison.Ordinal);
        Assert.Contains("none", Card(html, "Guarantee"), StringComparison.Ordinal);
        Assert.DoesNotContain("upper bound (accountant)", html, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("missing")]
    [InlineData("tampered")]
    [InlineData("other")]
    public void Without_a_ledger_that_supports_it_no_figure_of_the_statement_is_shown_as_a_guarantee(string fault)
    {
        using SampleRun run = SampleRun.Private();
        string ledger = run.PathOf("ledger.jsonl");
        switch (fault)
        {
            case "missing":
                File.Delete(ledger);
                break;
            case "tampered":
                File.WriteAllText(ledger, File.ReadAllText(ledger).Replace("1.63", "9.63", StringComparison.Ordinal));
                break;
            default:
                run.Edit("privacy.json", json => json["ledgerHash"] = new string('0', 64));
                break;
        }

        string html = run.Report();

        Assert.Contains("<b>No guarantee.</b>", html, StringComparison.Ordinal);
        Assert.DoesNotContain("differentially private for adding", html, StringComparison.Ordinal);
        Assert.DoesNotContain("ε ≤", html, StringComparison.Ordinal);
        Assert.Contains("no guarantee", Card(html, "Guarantee"), StringComparison.Ordinal);
    }

    [Fact]
    public void Seeded_noise_is_an_alarm_and_the_seed_itself_is_not_shown()
    {
        using SampleRun run = SampleRun.Private();
        run.Edit("privacy.json", json => json["noiseSource"] = "seededForTests");
        string html = run.Report();

        Assert.Contains("<b>Insecure noise: no guarantee.</b>", html, StringComparison.Ordinal);
        Assert.Contains("INSECURE", html, StringComparison.Ordinal);
        Assert.DoesNotContain("123456789", html, StringComparison.Ordinal);
    }

    [Fact]
    public void Synthetic_data_are_stamped()
    {
        using SampleRun run = SampleRun.Private();
        run.Edit("run.json", json => json["isSynthetic"] = true);

        Assert.Contains("SYNTHETIC – not patient data", run.Report(), StringComparison.Ordinal);
    }

    [Fact]
    public void An_audit_above_the_guarantee_is_an_alarm()
    {
        using SampleRun run = SampleRun.Private();
        run.Edit("audit.json", json =>
        {
            json["epsilonLowerBound"] = 4.2;
            json["consistent"] = false;
        });

        Assert.Contains("<b>The audit contradicts the guarantee.</b>", run.Report(), StringComparison.Ordinal);
    }

    [Fact]
    public void Upper_and_lower_bound_stand_beside_each_other()
    {
        using SampleRun run = SampleRun.Private();
        string html = run.Report();

        Assert.Contains("upper bound (accountant)", html, StringComparison.Ordinal);
        Assert.Contains("lower bound (loss attack)", html, StringComparison.Ordinal);
        Assert.Contains("most that the guarantee allows", html, StringComparison.Ordinal);
    }

    [Fact]
    public void The_order_is_that_of_the_pyramid()
    {
        using SampleRun run = SampleRun.Private();
        string html = run.Report();
        string[] headings = ["who is protected", ">Algorithm<", ">Utility</h2>", ">By sex<", "Trust model", "Checklist for the site", "Training curves", "Configuration and provenance", ">Limits<"];

        int[] places = [.. headings.Select(h => html.IndexOf(h, StringComparison.Ordinal))];

        Assert.DoesNotContain(-1, places);
        Assert.Equal(places.Order(), places);
    }

    private static string Card(string html, string label)
    {
        int start = html.IndexOf($">{label}</div>", StringComparison.Ordinal);
        return html[start..html.IndexOf("</div>\n</div>", start, StringComparison.Ordinal)];
    }
}
