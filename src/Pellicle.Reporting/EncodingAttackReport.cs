using Pellicle.Core.Files;
using Pellicle.NeuraCrypt;
using Pellicle.NeuraCrypt.Attacks;
using Pellicle.Reporting.Html;
using Pellicle.Reporting.Sections;

namespace Pellicle.Reporting;

/// <summary>One self-contained page about the attacks on an encoded release: no script, nothing from elsewhere, no picture.</summary>
public static class EncodingAttackReport
{
    /// <summary>Writes the page.</summary>
    /// <param name="result">Of <c>attack encoding</c>.</param>
    /// <param name="file">Where to.</param>
    /// <exception cref="Core.Errors.EnvironmentException">The file cannot be written.</exception>
    public static void Write(EncodingAttackResult result, string file)
    {
        ArgumentNullException.ThrowIfNull(result);
        string html = Build(result);
        if (ReferenceCounter.Count(html) > 0)
        {
            throw new InvalidOperationException("the report would refer to things outside itself");
        }

        AtomicFile.WriteAllText(file, html);
    }

    private static string Build(EncodingAttackResult result) => ReportPage.Document("Attacks on an encoded release", page =>
    {
        page.Element("p", "stamp", p => p.Text("No formal guarantee: obfuscation, judged by attacks."));
        page.Element("p", Summary(result));
        page.Open("ul");
        foreach (string sentence in HonestWording.Sentences)
        {
            page.Element("li", sentence);
        }

        page.Close("ul");
        EncodingAttackSection.Add(page, result);
    });

    private static string Summary(EncodingAttackResult result)
    {
        string what = $"{(result.Target is { } target ? $"The release in '{target}'" : "A release")} was attacked with a gallery of {Numbers.Count(result.Gallery.Images)} different pictures ({result.Gallery.Source}); guessing finds {Numbers.Percent(result.Chance)}.";
        return result.ControlsPassed
            ? $"{what} {(result.Worst is { } worst ? $"The most successful attack was '{worst.Method}', which assigned {Numbers.Percent(worst.AssignmentAccuracy)} of the encodings to their pictures under its luckiest key: rating '{result.Rating!.Value.ToString().ToLowerInvariant()}' by the upper end of the interval (low below 5 %, high above 20 %)." : "No attack that matches pictures was run, so there is no rating.")}"
            : $"{what} A CONTROL FAILED, so nothing here counts and there is no rating.";
    }
}
