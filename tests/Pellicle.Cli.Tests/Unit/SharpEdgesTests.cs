using System.Text.RegularExpressions;

namespace Pellicle.Cli.Tests.Unit;

/// <summary>The list of traps is a promise that each has a test: the promise is kept here.</summary>
public sealed partial class SharpEdgesTests
{
    /// <summary>Traps that the design of DP training lists; each has a test named after it.</summary>
    private const int Traps = 22;

    private static readonly string[] Severities = ["critical", "serious", "minor"];

    private static readonly Lazy<HashSet<string>> Tests = new(FindTests);

    private static string Page => File.ReadAllText(Path.Combine(SharedFiles.Repository, "docs", "sharp-edges.md"));

    [Fact]
    public void Every_trap_is_listed_once_with_a_severity_and_a_test_named_after_it()
    {
        string[][] rows = [.. Rows(Page, columns: 5)];
        Assert.Equal(Enumerable.Range(1, Traps).Select(n => $"{n}"), rows.Select(row => row[0]));
        Assert.All(rows, row =>
        {
            AssertSeverity(row[2], row[1]);
            Assert.True(NamesIn(row[4]).Any(name => Regex.IsMatch(name, $@"^Trap_(\d+_and_)?{row[0]}_")), $"trap {row[0]} ({row[1]}) has no test of its own name");
        });
    }

    [Fact]
    public void Every_further_edge_has_a_severity_and_a_test_or_the_reason_why_none_can_exist()
    {
        string[][] rows = [.. Rows(Page, columns: 4)];
        Assert.True(rows.Length >= 15, $"only {rows.Length} further edges were found");
        Assert.All(rows, row =>
        {
            AssertSeverity(row[1], row[0]);
            Assert.True(NamesIn(row[3]).Any() || row[3].StartsWith("none: ", StringComparison.Ordinal), $"neither a test nor why there can be none is named for: {row[0]}");
        });
        Assert.InRange(rows.Count(row => row[3].StartsWith("none: ", StringComparison.Ordinal)), 0, 2); // an exception, not a way out
    }

    [Fact]
    public void Every_test_that_the_page_names_exists()
    {
        string[] named = [.. NamesIn(Page)];
        Assert.True(named.Length > Traps);
        Assert.All(named, name => Assert.True(Tests.Value.Contains(name), $"docs/sharp-edges.md names {name}, which is no test"));
    }

    [Fact]
    public void Every_test_named_after_a_trap_stands_on_the_page()
    {
        HashSet<string> named = [.. NamesIn(Page)];
        Assert.All(Tests.Value.Where(name => name.StartsWith("Trap_", StringComparison.Ordinal)), name => Assert.True(named.Contains(name), $"{name} is not in docs/sharp-edges.md"));
    }

    private static void AssertSeverity(string cell, string edge) =>
        Assert.True(Severities.Contains(cell.Split(' ')[0]), $"'{cell}' of '{edge}' does not begin with one of {string.Join(", ", Severities)}");

    /// <summary>Cells of the table rows with so many columns, without heads and rules.</summary>
    private static IEnumerable<string[]> Rows(string page, int columns) => page.Split('\n')
        .Where(line => line.StartsWith("| ", StringComparison.Ordinal) && !line.StartsWith("| ---", StringComparison.Ordinal))
        .Select(line => line.Trim().Trim('|').Split('|', StringSplitOptions.TrimEntries))
        .Where(cells => cells.Length == columns && cells[0] is not ("#" or "edge"));

    private static IEnumerable<string> NamesIn(string text) => TestName().Matches(text).Select(match => match.Groups[1].Value);

    // Read from the sources: the tests of other projects are not loaded here.
    private static HashSet<string> FindTests() =>
    [
        .. Directory.EnumerateFiles(Path.Combine(SharedFiles.Repository, "tests"), "*.cs", SearchOption.AllDirectories)
            .Where(file => !file.Split(Path.DirectorySeparatorChar).Intersect(["obj", "bin"]).Any())
            .SelectMany(file => TestMethod().Matches(File.ReadAllText(file)))
            .Select(match => match.Groups[1].Value),
    ];

    [GeneratedRegex("`([A-Z][A-Za-z0-9]*(?:_[A-Za-z0-9]+)+)`")]
    private static partial Regex TestName();

    // A test attribute, possibly others, then the method.
    [GeneratedRegex(@"\[(?:Fact|Theory|SharedFact|LauncherFact)\b[^\n]*\n(?:[ \t]*\[[^\n]*\n)*[ \t]*public (?:async )?(?:void|Task) (\w+)\(")]
    private static partial Regex TestMethod();
}
