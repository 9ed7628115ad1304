using System.Globalization;
using Pellicle.Core.Errors;
using Pellicle.Data.Images;
using Pellicle.Data.Synthetic;

namespace Pellicle.Data.Sources;

/// <summary>Procedural images, painted when they are asked for: "synth:dermoscopy", or "synth:fundus,images=600,size=64".</summary>
internal sealed class SynthSource : ImageSource
{
    private static readonly string[] TableColumns = ["file", "split", "label", "patient", "sex", "age"];
    private readonly SyntheticSet _set;

    internal SynthSource(string text, DatasetOptions options)
        : base(options)
    {
        _set = SyntheticImages.Generate(Parse(text, options));
        string[] unknown = [.. options.AttributeColumns.Append(options.LabelColumn).Append(options.PatientColumn).OfType<string>().Where(c => !TableColumns.Contains(c))];
        foreach (string column in unknown)
        {
            Problems.Add($"synth:{text}", $"there is no column '{column}'; the columns are {string.Join(", ", TableColumns)}", "Name one of these.");
        }

        Columns = TableColumns;
        PatientColumn = options.PatientColumn ?? "patient";
        Items = unknown.Length > 0 ? [] : [.. _set.Records.Select(r => new SourceItem(
            r.File,
            Value(r, options.LabelColumn ?? "label"),
            r.Split,
            Value(r, PatientColumn),
            options.AttributeColumns.Count == 0 ? SourceItem.NoAttributes : options.AttributeColumns.ToDictionary(a => a, a => Value(r, a))))];
    }

    internal override SourceKind Kind => SourceKind.Synth;

    internal override bool IsSynthetic => true;

    internal override RawImage Read(int item, PixelScratch scratch) =>
        new(_set.Options.ImageSize, _set.Options.ImageSize, _set.Channels, _set.Render(item));

    internal override string Stamp(int item) => _set.Options.ToString();

    internal override IReadOnlyList<string>? ColumnValues(string column) => TableColumns.Contains(column) ? [.. _set.Records.Select(r => Value(r, column))] : null;

    private static SyntheticOptions Parse(string text, DatasetOptions options)
    {
        string[] parts = text.Split(',');
        var result = new SyntheticOptions { Kind = SyntheticOptions.ParseKind(parts[0]), Seed = options.Seed };
        foreach (string part in parts.Skip(1))
        {
            string[] pair = part.Split('=', 2);
            bool isNumber = int.TryParse(pair[^1], NumberStyles.None, CultureInfo.InvariantCulture, out int number);
            result = (pair[0], isNumber) switch
            {
                ("strength", _) when double.TryParse(pair[^1], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double strength) => result with { AttributeStrength = strength },
                ("images", true) => result with { Images = number },
                ("per-patient", true) => result with { MaxImagesPerPatient = number },
                ("size", true) => result with { ImageSize = number },
                _ => throw new UsageException($"'{part}' in 'synth:{text}' is not understood; expected images=N, size=S, per-patient=K or strength=A", "For example synth:dermoscopy,images=600,size=64."),
            };
        }

        result.Validate();
        return result;
    }

    private string Value(SyntheticRecord record, string column) => column switch
    {
        "file" => record.File,
        "split" => record.Split,
        "label" => _set.Classes[record.Label],
        "patient" => record.Patient,
        "sex" => record.Sex,
        _ => record.Age.ToString(CultureInfo.InvariantCulture),
    };
}
