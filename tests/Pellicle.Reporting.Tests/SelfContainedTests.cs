using System.Globalization;
using System.Text.RegularExpressions;

namespace Pellicle.Reporting.Tests;

public sealed partial class SelfContainedTests
{
    [Fact]
    public void The_page_loads_nothing_and_runs_nothing()
    {
        using SampleRun run = SampleRun.Private();
        ReportResult result = ReportPipeline.Run(new ReportRequest { RunFolders = [run.Folder] });
        string html = File.ReadAllText(result.File);

        Assert.Equal(0, result.ExternalReferences);
        Assert.Equal(new FileInfo(result.File).Length, result.Bytes);
        Assert.DoesNotContain("http://", html, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("https://", html, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("<script", html, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("<link", html, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("@import", html, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("url(", html, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotMatch(new Regex("""\s(src|href)\s*=\s*"(?!#|data:image/)""", RegexOptions.IgnoreCase), html);
        Assert.DoesNotMatch(new Regex("""<[a-z][^<>]*\son\w+\s*=""", RegexOptions.IgnoreCase), html);
    }

    [Theory]
    [InlineData("<img src=\"x.png\">", 1)]
    [InlineData("<a href='https://a.b'>", 1)]
    [InlineData("<script>1</script>", 1)]
    [InlineData("<style>@import 'a.css'; b{background:url(c.png)}</style>", 2)]
    [InlineData("<p onclick=\"x()\">", 1)]
    [InlineData("<a href=\"#run1\"><img src=\"data:image/png;base64,AA\">src=\"not a tag\"", 0)]
    public void The_counter_sees_what_would_be_loaded(string html, int expected) => Assert.Equal(expected, Html.ReferenceCounter.Count(html));

    [Fact]
    public void Hostile_class_names_groups_and_folders_are_text_and_nothing_else()
    {
        using SampleRun run = SampleRun.Private("a&b'c");
        run.WriteEvaluation(["benign", SampleRun.HostileClass]);
        run.Edit("eval-test.json", json => json["groups"]![0]!["value"] = "\"><svg onload=alert(1)>");
        run.Edit("run.json", json => json["dataSource"] = "pack:<iframe src=//evil>.zip");
        run.WriteText("config.yaml", "data:\n  source: \"</pre><script>alert(2)</script>\"\n");

        string html = run.Report();

        Assert.DoesNotContain("<script", html, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("<svg onload", html, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("<iframe", html, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;", html, StringComparison.Ordinal);
        Assert.Equal(0, Html.ReferenceCounter.Count(html));
    }

    [Fact]
    public void Every_number_in_every_drawing_is_a_number_inside_its_frame()
    {
        using SampleRun run = SampleRun.Private();
        string html = run.Report();
        MatchCollection drawings = Drawing().Matches(html);

        Assert.True(drawings.Count >= 8, $"{drawings.Count} drawings");
        foreach (Match drawing in drawings)
        {
            double[] frame = [.. drawing.Groups[1].Value.Split(' ').Select(v => double.Parse(v, CultureInfo.InvariantCulture))];
            foreach (Match attribute in Coordinate().Matches(drawing.Value))
            {
                double value = double.Parse(attribute.Groups[2].Value, NumberStyles.Float, CultureInfo.InvariantCulture);
                double most = attribute.Groups[1].Value.Contains('x', StringComparison.Ordinal) || attribute.Groups[1].Value == "width" ? frame[2] : frame[3];
                Assert.InRange(value, 0, most);
            }

            foreach (Match path in PathData().Matches(drawing.Value))
            {
                Assert.Matches("^(?:[ML][0-9]+(?:\\.[0-9]+)? [0-9]+(?:\\.[0-9]+)?)+$", path.Groups[1].Value);
            }

            Assert.DoesNotContain("NaN", drawing.Value, StringComparison.Ordinal);
            Assert.DoesNotContain("∞", drawing.Value, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Drawings_have_a_title_and_a_description_with_the_figures_and_ids_are_unique()
    {
        using SampleRun run = SampleRun.Private();
        string html = run.Report();

        foreach (Match drawing in Drawing().Matches(html).Where(d => d.Value.Contains("role=\"img\"", StringComparison.Ordinal)))
        {
            Assert.Matches("<title id=\"[^\"]+\">[^<]+</title>", drawing.Value);
            Assert.Matches("<desc id=\"[^\"]+\">[^<]{10,}</desc>", drawing.Value);
        }

        string[] ids = [.. Regex.Matches(html, "\\sid=\"([^\"]+)\"").Select(m => m.Groups[1].Value)];
        Assert.Equal(ids.Length, ids.Distinct().Count());
    }

    [Fact]
    public void Elements_are_closed_in_order()
    {
        using SampleRun run = SampleRun.Private();
        string html = run.Report();
        var open = new Stack<string>();
        foreach (Match tag in Regex.Matches(html[html.IndexOf("<html", StringComparison.Ordinal)..], "<(/?)([a-zA-Z][a-zA-Z0-9]*)[^<>]*>"))
        {
            string name = tag.Groups[2].Value;
            if (name is "meta" or "img" or "br")
            {
                continue;
            }

            if (tag.Groups[1].Value.Length == 0)
            {
                open.Push(name);
            }
            else
            {
                Assert.Equal(open.Pop(), name);
            }
        }

        Assert.Empty(open);
    }

    [Fact]
    public void Equal_run_folders_give_equal_pages()
    {
        using SampleRun run = SampleRun.Private();

        Assert.Equal(run.Report(), run.Report());
    }

    [GeneratedRegex("""<svg[^>]*viewBox="([^"]+)"[^>]*>.*?</svg>""", RegexOptions.Singleline)]
    private static partial Regex Drawing();

    [GeneratedRegex("\\s(x|y|x1|x2|y1|y2|cx|cy|width|height|r)=\"([^\"]*)\"")]
    private static partial Regex Coordinate();

    [GeneratedRegex("\\sd=\"([^\"]*)\"")]
    private static partial Regex PathData();
}
