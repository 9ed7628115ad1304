namespace Pellicle.Viewmaker.Release.Dicom;

/// <summary>Which groups of header elements would tell what the images hide.</summary>
/// <param name="Sex">Patient's sex.</param>
/// <param name="Age">Patient's age.</param>
/// <param name="Device">Maker and model of the device, and how it was set.</param>
internal readonly record struct HiddenTags(bool Sex, bool Age, bool Device)
{
    private static readonly string[] Devices = ["device", "scanner", "manufacturer", "vendor", "camera", "machine", "station"];

    /// <summary>From the names of the hidden columns: words that occur in them.</summary>
    /// <param name="columns">Names.</param>
    public static HiddenTags Of(IReadOnlyCollection<string> columns)
    {
        bool Names(params string[] words) => columns.Any(column => words.Any(word => column.Contains(word, StringComparison.OrdinalIgnoreCase)));
        return new HiddenTags(Names("sex", "gender"), Names("age"), Names(Devices));
    }
}
