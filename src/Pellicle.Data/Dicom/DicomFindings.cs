namespace Pellicle.Data.Dicom;

/// <summary>What <c>data inspect</c> gathers about DICOM files while they are decoded: which tags there are, and in how many files. Never a value.</summary>
internal sealed class DicomFindings
{
    private static readonly HashSet<string> DecodingTags = new(
        ["0002,0010", "0028,0002", "0028,0004", "0028,0006", "0028,0008", "0028,0010", "0028,0011", "0028,0100", "0028,0101", "0028,0102", "0028,0103", "0028,1050", "0028,1051", "0028,1052", "0028,1053", "0028,1101", "0028,1102", "0028,1103", "0028,1201", "0028,1202", "0028,1203", "0028,3000", "7FE0,0010"],
        StringComparer.Ordinal);

    private readonly Dictionary<string, int> _files = new(StringComparer.Ordinal);

    /// <summary>Files with more than one frame.</summary>
    internal int MultiFrameFiles { get; private set; }

    internal void Add(IReadOnlyList<string> tags, int frames)
    {
        MultiFrameFiles += frames > 1 ? 1 : 0;
        foreach (string tag in tags)
        {
            _files[tag] = _files.GetValueOrDefault(tag) + 1;
        }
    }

    internal void Add(DicomFindings other)
    {
        MultiFrameFiles += other.MultiFrameFiles;
        foreach ((string tag, int files) in other._files)
        {
            _files[tag] = _files.GetValueOrDefault(tag) + files;
        }
    }

    /// <summary>One line per tag, in the order of the tags.</summary>
    internal IReadOnlyList<string> Describe() =>
    [
        .. _files.OrderBy(f => f.Key, StringComparer.Ordinal)
            .Select(f => $"{f.Key}: in {f.Value} file{(f.Value == 1 ? "" : "s")}, {(DecodingTags.Contains(f.Key[..9]) ? "used to decode the pixels, then dropped" : "dropped")}"),
    ];
}
