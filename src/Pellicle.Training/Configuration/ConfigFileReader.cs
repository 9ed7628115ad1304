using System.Text;
using Pellicle.Core.Errors;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Pellicle.Training.Configuration;

/// <summary>Reads a configuration file (YAML, of which JSON is a part) into single settings with their lines.</summary>
/// <remarks>Input is treated as hostile: bounded size and depth; anchors, aliases and type tags are refused, so nothing is expanded and no type is chosen by the file.</remarks>
public static class ConfigFileReader
{
    /// <summary>Largest file, bytes.</summary>
    public const int MaxBytes = 1 << 20;

    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Reads a file.</summary>
    /// <param name="path">YAML or JSON.</param>
    /// <param name="problems">Takes what is wrong with the file.</param>
    /// <returns>The settings that could be read, in file order.</returns>
    public static IReadOnlyList<RawSetting> Read(string path, ICollection<Problem> problems)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(problems);
        string text;
        try
        {
            var file = new FileInfo(path);
            if (!file.Exists)
            {
                problems.Add(new Problem(path, $"the configuration file '{path}' does not exist.", "Give an existing file with --config."));
                return [];
            }

            if (file.Length > MaxBytes)
            {
                problems.Add(new Problem(path, $"the configuration file '{path}' has {file.Length} bytes; expected at most {MaxBytes}.", "Give a configuration, not data."));
                return [];
            }

            text = StrictUtf8.GetString(File.ReadAllBytes(path));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or DecoderFallbackException or ArgumentException)
        {
            problems.Add(new Problem(path, $"the configuration file '{path}' cannot be read as UTF-8 text: {e.Message}", "Give a readable YAML or JSON file."));
            return [];
        }

        return Parse(text, path, problems);
    }

    /// <summary>Reads configuration text.</summary>
    /// <param name="text">YAML or JSON.</param>
    /// <param name="name">Name for messages.</param>
    /// <param name="problems">Takes what is wrong with the text.</param>
    /// <returns>The settings that could be read, in order.</returns>
    public static IReadOnlyList<RawSetting> Parse(string text, string name, ICollection<Problem> problems)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(problems);
        var settings = new List<RawSetting>();
        try
        {
            // JSON may be indented by tabs, which YAML forbids; inside JSON strings a tab is not allowed, so this changes no value.
            string safe = text.TrimStart('\uFEFF', ' ', '\n', '\r', '\t').StartsWith('{') ? text.Replace('\t', ' ') : text;
            var parser = new Parser(new StringReader(safe.TrimStart('\uFEFF')));
            parser.Consume<StreamStart>();
            if (parser.TryConsume<StreamEnd>(out _))
            {
                return settings;
            }

            parser.Consume<DocumentStart>();
            ReadMapping(parser, "", depth: 0, name, settings, problems);
            parser.Consume<DocumentEnd>();
            if (!parser.TryConsume<StreamEnd>(out _))
            {
                problems.Add(new Problem(name, $"'{name}' holds more than one document; expected one.", "Remove what follows the line '---'."));
            }
        }
        catch (YamlException e)
        {
            problems.Add(new Problem($"{name}:{e.Start.Line}", $"'{name}' is not valid YAML or JSON at line {e.Start.Line}, column {e.Start.Column}: {e.Message}", "Mend the file; 'pellicle train --help' lists all keys."));
        }

        return settings;
    }

    private static void ReadMapping(Parser parser, string prefix, int depth, string name, List<RawSetting> settings, ICollection<Problem> problems)
    {
        if (prefix.Length == 0 && parser.Accept<Scalar>(out Scalar? lone) && lone.Value.Length == 0)
        {
            parser.Consume<Scalar>(); // an empty document, or only comments
            return;
        }

        MappingStart start = parser.Consume<MappingStart>();
        RefuseExtras(start);
        if (depth > 2)
        {
            throw new YamlException(start.Start, start.End, "mappings are nested too deeply");
        }

        while (!parser.TryConsume<MappingEnd>(out _))
        {
            Scalar key = parser.Consume<Scalar>();
            RefuseExtras(key);
            string full = prefix.Length == 0 ? key.Value : prefix + "." + key.Value;
            string where = $"{name}:{key.Start.Line}";
            if (parser.Accept<MappingStart>(out _))
            {
                ReadMapping(parser, full, depth + 1, name, settings, problems);
            }
            else
            {
                Add(new RawSetting(full, ReadValue(parser), new SettingOrigin(SettingLayer.File, where)), settings, problems);
            }
        }
    }

    private static void Add(RawSetting setting, List<RawSetting> settings, ICollection<Problem> problems)
    {
        RawSetting? former = settings.Find(s => s.Key == setting.Key);
        if (former is null)
        {
            settings.Add(setting);
        }
        else
        {
            problems.Add(new Problem(setting.Origin.Text, $"'{setting.Key}' is given twice, first at {former.Origin.Text}.", "Keep one of them."));
        }
    }

    private static string? ReadValue(Parser parser)
    {
        if (parser.Accept<SequenceStart>(out SequenceStart? sequence))
        {
            RefuseExtras(sequence);
            parser.Consume<SequenceStart>();
            var items = new List<string>();
            while (!parser.TryConsume<SequenceEnd>(out _))
            {
                Scalar item = parser.Consume<Scalar>();
                RefuseExtras(item);
                items.Add(item.Value.Contains(',', StringComparison.Ordinal)
                    ? throw new YamlException(item.Start, item.End, "an item of a list may not hold a comma")
                    : item.Value);
            }

            return string.Join(",", items);
        }

        Scalar scalar = parser.Consume<Scalar>();
        RefuseExtras(scalar);
        return scalar.Style == ScalarStyle.Plain && scalar.Value is "" or "~" or "null" or "Null" or "NULL" ? null : scalar.Value;
    }

    private static void RefuseExtras(NodeEvent node)
    {
        if (!node.Anchor.IsEmpty || !node.Tag.IsEmpty)
        {
            throw new YamlException(node.Start, node.End, "anchors and type tags are not allowed in a configuration");
        }
    }
}
