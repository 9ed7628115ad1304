using Pellicle.Core.Errors;
using Pellicle.Training.Configuration;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Pellicle.Training.Sweeps;

/// <summary>Reads a sweep's file: a configuration whose values may be lists, with or without the reference's <c>search_space</c>.</summary>
/// <remarks>For a setting that is a list itself, a list is one value and a list of lists are several. Keys of a search space are setting keys
/// or options without dashes ("lr", "target-epsilon"), or flags of NeuraCrypt's reference ("init_lr"). Anchors and tags are refused, as in every configuration.</remarks>
internal static class SweepFileReader
{
    private const string SearchSpace = "search_space";
    private static readonly string[] OfTheReference = ["available_gpus", "ports", "hosts"];

    /// <summary>Gives what is common to all spaces, and the spaces.</summary>
    internal static (IReadOnlyList<SweepValues> Common, IReadOnlyList<IReadOnlyList<SweepValues>> Spaces) Read(string path, ICollection<Problem> problems)
    {
        var common = new List<SweepValues>();
        var spaces = new List<IReadOnlyList<SweepValues>>();
        try
        {
            if (new FileInfo(path) is { Exists: true, Length: > ConfigFileReader.MaxBytes } large)
            {
                problems.Add(new Problem(path, $"'{path}' has {large.Length} bytes; expected at most {ConfigFileReader.MaxBytes}.", "Give a configuration, not data."));
                return (common, spaces);
            }

            string text = File.ReadAllText(path);
            var yaml = new YamlStream();
            yaml.Load(new StringReader(text.TrimStart().StartsWith('{') ? text.Replace('\t', ' ') : text));
            if (yaml.Documents is not [{ RootNode: YamlMappingNode root }])
            {
                problems.Add(new Problem(path, $"'{path}' is no configuration; expected one document with sections such as data and train.", "'pellicle init' writes one."));
                return (common, spaces);
            }

            RefuseExtras(root, depth: 0);
            foreach ((YamlNode key, YamlNode value) in root.Children)
            {
                string name = NameOf(key);
                if (name == SearchSpace)
                {
                    spaces.AddRange((value is YamlSequenceNode list ? list.Children : [value]).Select(space => SpaceOf(space, path, problems)));
                }
                else if (!OfTheReference.Contains(name))
                {
                    AddSection(name, value, path, common, problems);
                }
            }

            if (spaces.Count == 0)
            {
                spaces.Add([]);
            }
        }
        catch (YamlException e)
        {
            problems.Add(new Problem($"{path}:{e.Start.Line}", $"'{path}' is not valid YAML or JSON at line {e.Start.Line}, column {e.Start.Column}: {e.Message}", "Mend the file."));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            problems.Add(new Problem(path, $"the configuration file '{path}' cannot be read: {e.Message}", "Give an existing file."));
        }

        return (common, spaces);
    }

    private static void AddSection(string prefix, YamlNode node, string path, List<SweepValues> target, ICollection<Problem> problems)
    {
        if (node is YamlMappingNode mapping)
        {
            foreach ((YamlNode key, YamlNode value) in mapping.Children)
            {
                AddSection($"{prefix}.{NameOf(key)}", value, path, target, problems);
            }

            return;
        }

        Add(prefix, node, path, target, problems);
    }

    private static List<SweepValues> SpaceOf(YamlNode space, string path, ICollection<Problem> problems)
    {
        var values = new List<SweepValues>();
        if (space is not YamlMappingNode mapping)
        {
            problems.Add(new Problem($"{path}:{space.Start.Line}", $"{SearchSpace} holds something that is no mapping; expected settings with lists of values, or a list of such.", "For example search_space: { train.lr: [1e-3, 1e-4] }."));
            return values;
        }

        foreach ((YamlNode key, YamlNode value) in mapping.Children)
        {
            if (value is YamlMappingNode)
            {
                AddSection(NameOf(key), value, path, values, problems);
            }
            else if (NameOf(key) == "private")
            {
                AddPrivate(value, path, values, problems);
            }
            else if (!ReferenceFlags.IsWithoutMeaning(NameOf(key)))
            {
                Add(KeyOf(NameOf(key)), value, path, values, problems, text => ReferenceFlags.ValueOf(NameOf(key), text));
            }
        }

        return values;
    }

    // Without a secret encoder the reference trains the same network from end to end.
    private static void AddPrivate(YamlNode node, string path, List<SweepValues> target, ICollection<Problem> problems) =>
        Add("model.encodeTrainable", node, path, target, problems, text => text is "true" or "True" ? "false" : "true");

    private static void Add(string key, YamlNode node, string path, List<SweepValues> target, ICollection<Problem> problems, Func<string?, string?>? translate = null)
    {
        bool isList = SettingCatalog.Find(key)?.Shape is SettingShape.PlainList or SettingShape.TextList;
        IReadOnlyList<string?> values = node is YamlSequenceNode sequence && (!isList || sequence.Children.Any(c => c is YamlSequenceNode))
            ? [.. sequence.Children.Select(TextOf)]
            : [TextOf(node)];
        if (values.Count == 0)
        {
            problems.Add(new Problem($"{path}:{node.Start.Line}", $"'{key}' has an empty list; expected at least one value.", "Give a value, or leave the setting out."));
            return;
        }

        target.Add(new SweepValues(key, [.. values.Select(value => translate is null ? value : translate(value)).Distinct()]));
    }

    private static string? TextOf(YamlNode node) => node switch
    {
        YamlSequenceNode list => string.Join(',', list.Children.Select(TextOf)),
        YamlScalarNode { Style: ScalarStyle.Plain, Value: null or "" or "~" or "null" or "Null" or "NULL" } => null,
        YamlScalarNode scalar => scalar.Value,
        _ => throw new YamlException(node.Start, node.End, "a value may not be a mapping here"),
    };

    private static string NameOf(YamlNode key) => key is YamlScalarNode { Value: { } name } ? name : throw new YamlException(key.Start, key.End, "a key must be a text");

    // "lr", "--target-epsilon" and "target_epsilon" are what people of the reference write; unknown names stay, and are reported as unknown settings.
    private static string KeyOf(string name)
    {
        string plain = Plain(name);
        return ReferenceFlags.KeyOf(name) ?? SettingCatalog.Find(name)?.Key ?? SettingCatalog.All.FirstOrDefault(s => Plain(s.Option) == plain)?.Key ?? name;
    }

    private static string Plain(string name) => name.Replace("-", "", StringComparison.Ordinal).Replace("_", "", StringComparison.Ordinal).ToLowerInvariant();

    private static void RefuseExtras(YamlNode node, int depth)
    {
        if (depth > 6 || !node.Anchor.IsEmpty || !node.Tag.IsEmpty)
        {
            throw new YamlException(node.Start, node.End, depth > 6 ? "nested too deeply" : "anchors and type tags are not allowed in a configuration");
        }

        IEnumerable<YamlNode> inner = node switch
        {
            YamlMappingNode mapping => mapping.Children.SelectMany(c => new[] { c.Key, c.Value }),
            YamlSequenceNode sequence => sequence.Children,
            _ => [],
        };
        foreach (YamlNode child in inner)
        {
            RefuseExtras(child, depth + 1);
        }
    }
}
