using Pellicle.NeuraCrypt.Attacks;
using Pellicle.Reporting.Charts;
using Pellicle.Reporting.Html;

namespace Pellicle.Reporting.Sections;

/// <summary>What attacks on encodings found: success of each, its parts, key by key, the curve over gallery sizes, controls.</summary>
internal static class EncodingAttackSection
{
    public static void Add(HtmlText page, EncodingAttackResult result)
    {
        page.Element("h2", "What attacks found");
        EncodingMethodResult[] matching = [.. result.Methods.Where(method => method.AssignmentAccuracy is not null)];
        if (matching.Length > 0)
        {
            Bar[] bars = [.. matching.Select(m => new Bar(Title(m), m.AssignmentAccuracy!.Value, Numbers.Percent(m.AssignmentAccuracy), m.IsControl ? 1 : 0))];
            Figure.Add(page, BarChart.Draw("attacks", "Encodings assigned to their pictures", string.Join("; ", bars.Select(b => $"{b.Name}: {b.Text}")), "share assigned rightly", bars), $"Mean over keys. Chance is {Numbers.Percent(result.Chance)}; controls must be at chance.");
        }

        page.Table(
            "Means over the keys attacked; the interval of top-1 is 95 % (Clopper and Pearson), counting each picture once.",
            ["attack", "attacker knows", "images", "assigned", "top-1", "guesses to first hit", "median rank", "time"],
            result.Methods.Select(m => (IReadOnlyList<string>)
            [
                Title(m), string.Join(", ", m.AttackerKnows), Numbers.Count(m.Images), Numbers.Percent(m.AssignmentAccuracy), Numbers.WithInterval(m.Top1, m.Top1Interval),
                Numbers.Count(m.GuessesToFirstHit), Numbers.General(m.MedianRank), Numbers.Seconds(m.Seconds),
            ]));
        foreach (EncodingMethodResult method in result.Methods)
        {
            AddDetails(page, method);
        }

        AddCurve(page, result);
        page.Element("h2", "Controls");
        page.Element("p", $"Encodings replaced by the pixels: {Numbers.Percent(result.Controls.Identity)} found (must be at least 99 %). Encodings replaced by noise of the same moments: {Numbers.Percent(result.Controls.RandomBits)} (must be at chance). "
            + (result.ControlsPassed ? "All controls passed." : "A CONTROL FAILED: the harness is at fault and nothing was rated."));
        page.Element("p", "Published against this method: Carlini et al. 2021, “NeuraCrypt is not private” (arXiv 2108.07256) solved the public challenge completely; instance encoding cannot be private in general (Carlini et al. 2020, arXiv 2011.05315).");
    }

    private static string Title(EncodingMethodResult method) => method.Name + (method.IsControl ? " (control)" : string.Empty);

    private static void AddDetails(HtmlText page, EncodingMethodResult method)
    {
        if (method.Stages.Count > 0)
        {
            page.Table($"{Title(method)}: assigned rightly by its parts", ["part", "assigned"], method.Stages.Select(s => (IReadOnlyList<string>)[s.Name, Numbers.Percent(s.Value)]));
        }

        if (method.Extra.Count > 0)
        {
            page.Table($"{Title(method)}: further figures", ["figure", "value"], method.Extra.Select(e => (IReadOnlyList<string>)[e.Key, Numbers.General(Math.Round(e.Value, 4))]));
        }

        if (method.Keys.Count > 1)
        {
            page.Table(
                $"{Title(method)}: key by key",
                ["target", "assigned", "top-1", "guesses to first hit", "median rank", "same attack on noise"],
                method.Keys.Select(k => (IReadOnlyList<string>)[k.Target, Numbers.Percent(k.AssignmentAccuracy), Numbers.Percent(k.Top1), Numbers.Count(k.GuessesToFirstHit), Numbers.General(k.MedianRank), Numbers.Percent(k.RandomBits)]));
        }
    }

    private static void AddCurve(HtmlText page, EncodingAttackResult result)
    {
        if (result.Curve.Count == 0)
        {
            return;
        }

        page.Element("h2", "Size of the gallery");
        Series[] series =
        [
            new("assigned", [.. result.Curve.Select(p => ((double)p.Images, p.AssignmentAccuracy))], 0, HasMarkers: true),
            new("top-1", [.. result.Curve.Select(p => ((double)p.Images, p.Top1))], 1, Dash: 1, HasMarkers: true),
            new("guessing", [.. result.Curve.Select(p => ((double)p.Images, 1.0 / p.Images))], -1, Dash: 2),
        ];
        Figure.Add(
            page,
            LineChart.Draw(
                "curve", "Fingerprint attack against the size of the gallery", string.Join("; ", result.Curve.Select(p => $"{p.Images} pictures: {Numbers.Percent(p.AssignmentAccuracy)}")),
                Axis.Logarithmic("pictures in the gallery", result.Curve.Min(p => p.Images), Math.Max(result.Curve.Max(p => p.Images), 1 + result.Curve.Min(p => p.Images))), Axis.Linear("share", [0, 1]), series),
            "The training-free attack against galleries of growing size, under one drawn key. A curve that falls shows the limits of this attack, not of an attacker.",
            series);
    }
}
