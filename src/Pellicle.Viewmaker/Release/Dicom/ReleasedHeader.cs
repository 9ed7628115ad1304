using Pellicle.Core.Errors;
using Pellicle.Native;

namespace Pellicle.Viewmaker.Release.Dicom;

/// <summary>Checks a released DICOM file against the profile, at every level.</summary>
internal static class ReleasedHeader
{
    // What the profile itself adds.
    private static readonly HashSet<uint> Added = [0x00120062, 0x00120063, 0x00120064, 0x00082111, 0x7FE00010, 0x00080100, 0x00080102, 0x00080104];

    /// <summary>Requires that nothing is left that should have gone.</summary>
    /// <param name="path">The released file; other kinds than DICOM pass.</param>
    /// <param name="retained">Options of the profile.</param>
    /// <param name="hidden">What the images hide.</param>
    /// <exception cref="DataFormatException">Names the elements.</exception>
    public static void Require(string path, IReadOnlyCollection<string> retained, HiddenTags hidden)
    {
        byte[] file = File.ReadAllBytes(path);
        if (!DicomDecoder.LooksLikeDicom(file))
        {
            return;
        }

        IReadOnlyList<DicomElement> elements = DicomFile.Read(file, path).Elements;
        DicomElement[] left = [.. Left(elements)];
        if (left.Length > 0)
        {
            throw new DataFormatException($"'{path}' still holds ({left[0].Tag >> 16:x4},{left[0].Tag & 0xFFFF:x4}) and {left.Length - 1} more elements that the profile removes.", "This is a fault of the release: do not publish the file.");
        }

        if (elements.FirstOrDefault(element => element.Tag == 0x00120062)?.Text != "YES")
        {
            throw new DataFormatException($"'{path}' does not say that the patient's identity was removed (0012,0062).", "This is a fault of the release: do not publish the file.");
        }

        IEnumerable<DicomElement> Left(IEnumerable<DicomElement> set) => set.SelectMany(element =>
            (Added.Contains(element.Tag) ? HeaderAction.Keep : HeaderProfile.For(element, retained, hidden)) switch
            {
                HeaderAction.Remove => [element],
                HeaderAction.Empty when element.Text.Length > 0 => [element],
                _ => Left((element.Items ?? []).SelectMany(item => item)),
            });
    }
}
