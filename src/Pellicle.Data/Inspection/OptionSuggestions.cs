using System.Globalization;

namespace Pellicle.Data.Inspection;

/// <summary>Options for <c>train</c> that follow from what a source holds.</summary>
internal static class OptionSuggestions
{
    private static readonly string[] GroupColumns = ["patient", "patient_id", "subject", "person", "lesion", "lesion_id", "case", "study", "block", "group"];
    private static readonly string[] GroupMetrics = ["sex", "gender", "age", "ethnicity", "race"];
    private static readonly int[] Sides = [28, 32, 64, 96, 128, 160, 224];

    internal static IReadOnlyList<string> For(ImageDataset dataset, IReadOnlyList<ImageSizeCount> sizes, ImagesPerPatient? perPatient)
    {
        var options = new List<string>();
        IReadOnlyList<int> train = dataset.IndicesOf(SplitName.Train);
        int units = train.Count;
        bool repeats = perPatient is { Max: > 1 };
        if (repeats)
        {
            units = train.Select(i => dataset.Records[i].Patient).Distinct().Count();
        }
        else if (dataset.PatientColumn is null && GroupColumn(dataset) is var (column, values))
        {
            options.Add($"--patient-column {column}");
            units = train.Select(i => values[i]).Distinct().Count();
            repeats = true;
        }

        if (repeats)
        {
            options.Add("--unit patient");
        }

        if (sizes.Count > 0)
        {
            options.Add($"--image-size {Side(sizes)}");
        }

        if (units > 0)
        {
            options.Add("--delta " + Delta(units));
        }

        string[] attributes = [.. GroupMetrics.Where(a => dataset.Columns.Contains(a))];
        if (attributes.Length > 0)
        {
            options.Add($"--attribute-columns {string.Join(',', attributes)}");
        }

        return options;
    }

    /// <summary>The largest power of ten below 1/n: a delta of 1/n would allow publishing one whole record.</summary>
    internal static string Delta(int units)
    {
        int digits = 1 + (int)Math.Floor(Math.Log10(units));
        return string.Create(CultureInfo.InvariantCulture, $"1e-{digits}");
    }

    // A column with a value for every image and several images for some value: one picture per value needs no grouping.
    private static (string Column, IReadOnlyList<string> Values)? GroupColumn(ImageDataset dataset)
    {
        foreach (string column in GroupColumns)
        {
            if (dataset.Columns.Contains(column) && dataset.ColumnValues(column) is { } values
                && values.All(v => v.Length > 0) && values.Distinct().Count() is var different && different < values.Count && different > dataset.Classes.Count)
            {
                return (column, values);
            }
        }

        return null;
    }

    private static int Side(IReadOnlyList<ImageSizeCount> sizes)
    {
        int half = sizes.Sum(s => s.Images) / 2;
        int median = sizes.OrderBy(s => Math.Min(s.Width, s.Height)).SkipWhile(s => (half -= s.Images) >= 0).Select(s => Math.Min(s.Width, s.Height)).First();
        return Sides.LastOrDefault(s => s <= median, Math.Max(8, median));
    }
}
