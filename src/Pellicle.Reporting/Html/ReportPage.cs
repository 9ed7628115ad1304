using Pellicle.Reporting.Runs;
using Pellicle.Reporting.Sections;

namespace Pellicle.Reporting.Html;

/// <summary>Puts the sections into one page: no script, nothing from elsewhere.</summary>
internal static class ReportPage
{
    public static string Build(IReadOnlyList<RunContent> runs)
    {
        string title = runs.Count == 1 ? runs[0].Name : $"{runs.Count} runs";
        return Document($"Privacy report: {title}", page => AddContent(page, runs), " from the files of the run folder", runs.Count == 1 ? title : "Comparison of runs");
    }

    /// <summary>A whole page: head line, content, foot.</summary>
    /// <param name="title">Title of the page and its first head line.</param>
    /// <param name="content">What stands between.</param>
    /// <param name="source">What it was written from, for the foot; null for nothing to say.</param>
    /// <param name="headline">First head line, if it is not the title.</param>
    public static string Document(string title, Action<HtmlText> content, string? source = null, string? headline = null)
    {
        var page = new HtmlText();
        page.Trusted("<!DOCTYPE html>\n").Open("html", null, ("lang", "en")).Open("head");
        page.Trusted("<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; img-src data:\">\n");
        page.Element("title", title).Trusted("<style>" + ReportStyle.Css + "</style>\n").Close("head");
        page.Open("body").Open("main");
        page.Element("p", "Pellicle privacy toolkit · report", "eyebrow").Element("h1", headline ?? title);
        content(page);
        page.Element("footer", $"{Wording.Use} Written by the Pellicle privacy toolkit{source}; the page loads nothing and runs no script.");
        page.Close("main").Close("body").Close("html");
        return page.ToString();
    }

    private static void AddContent(HtmlText page, IReadOnlyList<RunContent> runs)
    {
        if (runs.Count > 1)
        {
            ComparisonSection.Add(page, runs);
            page.Open("nav", null, ("aria-label", "Runs"));
            for (int i = 0; i < runs.Count; i++)
            {
                page.Open("a", null, ("href", $"#run{i}")).Text(runs[i].Name).Close("a");
            }

            page.Close("nav");
        }

        for (int i = 0; i < runs.Count; i++)
        {
            AddRun(page, runs[i], $"run{i}", isOnly: runs.Count == 1);
        }
    }

    private static void AddRun(HtmlText page, RunContent run, string id, bool isOnly)
    {
        page.Open("article", null, ("id", id));
        if (!isOnly)
        {
            page.Element("h1", run.Name);
        }

        if (run.Obfuscation is not null)
        {
            ObfuscationSection.Add(page, run, id);
            ProvenanceSection.Add(page, run);
            page.Close("article");
            return;
        }

        HeadSection.Add(page, run);
        PrivacySection.Add(page, run, id);
        UtilitySection.Add(page, run, id);
        AuditSection.Add(page, run, id);
        EncryptedPredictionSection.Add(page, run);
        TrustSection.Add(page, run);
        TrainingSection.Add(page, run, id);
        PictureSection.Add(page, run);
        ProvenanceSection.Add(page, run);
        TrustSection.AddLimits(page, run);
        page.Close("article");
    }
}
