namespace Pellicle.Formats.Zip;

/// <summary>Decides whether the name of an archive entry is a plain relative path.</summary>
internal static class ZipEntryName
{
    private const int MaxLength = 4096;

    /// <summary>What is wrong with a name, or null.</summary>
    public static string? Check(string name)
    {
        if (name.Length == 0)
        {
            return "the name is empty";
        }

        if (name.Length > MaxLength)
        {
            return $"the name has {name.Length} characters; at most {MaxLength} are accepted";
        }

        if (name.Contains('\\', StringComparison.Ordinal))
        {
            return "the name contains a backslash; only '/' separates folders";
        }

        if (name.Any(char.IsControl))
        {
            return "the name contains a control character";
        }

        if (name[0] == '/' || (name.Length >= 2 && name[1] == ':' && char.IsAsciiLetter(name[0])))
        {
            return "the name is an absolute path";
        }

        string path = name.EndsWith('/') ? name[..^1] : name;
        foreach (string part in path.Split('/'))
        {
            if (part is "" or "." or "..")
            {
                return part == ".." ? "the name leaves the archive's folder ('..')" : "the name has an empty or '.' part";
            }
        }

        return null;
    }

    /// <summary>The name with control characters replaced and cut to 80 characters, fit for a message.</summary>
    public static string Printable(string name)
    {
        string cut = name.Length > 80 ? name[..80] + "…" : name;
        return string.Concat(cut.Select(c => char.IsControl(c) ? '?' : c));
    }
}
