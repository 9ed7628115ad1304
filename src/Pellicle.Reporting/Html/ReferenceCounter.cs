using System.Text.RegularExpressions;

namespace Pellicle.Reporting.Html;

/// <summary>Counts what a page would load from elsewhere or run: the figure <c>externalReferences</c>.</summary>
internal static partial class ReferenceCounter
{
    public static int Count(string html) => Loading().Count(html) + Tags().Count(html) + Styles().Count(html);

    // Attributes that load or lead somewhere, unless they stay in the page (#…) or carry their content (data:image…). Only inside tags: text is escaped.
    [GeneratedRegex("""<[a-zA-Z][^<>]*\s(?:src|srcset|href|xlink:href|action|formaction|poster|data|background|ping)\s*=\s*(?!"(?:#|data:image/))""", RegexOptions.IgnoreCase)]
    private static partial Regex Loading();

    [GeneratedRegex("""<(?:script|link|iframe|object|embed|base|form|audio|video|foreignObject)\b|<meta[^>]*http-equiv\s*=\s*"?refresh|<[a-zA-Z][^<>]*\son[a-z]+\s*=""", RegexOptions.IgnoreCase)]
    private static partial Regex Tags();

    [GeneratedRegex("""@import|url\(\s*['"]?(?!#|data:image/)""", RegexOptions.IgnoreCase)]
    private static partial Regex Styles();
}
