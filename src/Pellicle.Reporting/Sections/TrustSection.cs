using Pellicle.Reporting.Html;
using Pellicle.Reporting.Runs;

namespace Pellicle.Reporting.Sections;

/// <summary>Who must be trusted for what, what only the site can answer, and the limits of it all.</summary>
internal static class TrustSection
{
    private static readonly string[] Checklist =
    [
        "Purpose of the model, and who decided that it may be trained on these images:",
        "Legal basis or consent for this use of the images:",
        "Who may receive the model, and under which conditions:",
        "Is one image or one patient the right unit here? How many images has the patient with the most?",
        "Why are this epsilon and this delta acceptable for these patients?",
        "Budget spent earlier on the same images (other models, released figures), and the sum with this run:",
        "Who checked the metrics by subgroup, and are the differences acceptable?",
        "Were settings chosen by looking at these images? (not covered by the guarantee)",
        "Were burned-in text and other marks in the pixels looked for?",
        "Date, name and role of the person who approves:",
    ];

    public static void Add(HtmlText page, RunContent run)
    {
        page.Element("h2", "Trust model");
        page.Open("dl", "facts");
        Fact(page, "Holds against", run.Guarantee == GuaranteeKind.Holds
            ? "everyone who sees the released model, whatever they know besides and however much they compute"
            : "nobody: there is no guarantee");
        Fact(page, "Trusted", "the site that trains: its people, machine, random generator and this software see the images in the clear");
        Fact(page, "Not hidden", "that the site trained this model, its settings, and what is true of the population (smokers' lungs look alike whether or not one smoker takes part)");
        Fact(page, "Stays at the site", "images, run folder with step metrics, predictions, checkpoints and keys; only the released model and this statement are meant to leave");
        page.Close("dl");
        page.Element("h2", "Checklist for the site");
        page.Element("p", "muted", p => p.Text("Software cannot answer these. Fill in, sign and keep with the model."));
        page.Open("ul", "check");
        foreach (string item in Checklist)
        {
            page.Open("li").Text(item).Element("span", string.Empty, "fill").Close("li");
        }

        page.Close("ul");
    }

    public static void AddLimits(HtmlText page, RunContent run)
    {
        page.Element("h2", "Limits");
        page.Open("ul");
        page.Element("li", Wording.Use);
        foreach (string limit in Limits(run))
        {
            page.Element("li", limit);
        }

        page.Close("ul");
    }

    /// <summary>What report and model card say about the limits of the run.</summary>
    public static IEnumerable<string> Limits(RunContent run)
    {
        yield return "Differential privacy bounds what the model reveals about one unit. It does not make the images or the model free of personal data in the sense of any law; that is for the site to judge.";
        yield return "An audit gives a lower bound. It can disprove a guarantee, never prove one.";
        yield return "Metrics hold for images like those evaluated; other scanners, sites and populations may differ.";
        if (Wording.Unit(run) == "image" && run.Privacy?.Flag("private") == true)
        {
            yield return "The unit is one image. For a patient with k images the guarantee weakens with k (group privacy): train with the unit patient where patients repeat.";
        }

        if (run.IsSynthetic)
        {
            yield return $"{Wording.SyntheticStamp}: the figures say nothing about clinical images.";
        }
    }

    private static void Fact(HtmlText page, string name, string value) => page.Element("dt", name).Element("dd", value);
}
