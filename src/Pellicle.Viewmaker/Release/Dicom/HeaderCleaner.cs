using System.Globalization;
using System.Numerics;
using Pellicle.Native;

namespace Pellicle.Viewmaker.Release.Dicom;

/// <summary>Cleans data sets after <see cref="HeaderProfile"/>: identifiers replaced the same way everywhere, dates moved by a constant of the patient, the rest removed.</summary>
/// <param name="noise">The secret key from which pseudonyms, UIDs and shifts follow.</param>
/// <param name="retained">Options of the profile.</param>
/// <param name="hidden">What the images hide.</param>
internal sealed class HeaderCleaner(KeyedNoise noise, IReadOnlyCollection<string> retained, HiddenTags hidden)
{
    private const string Method = "PS3.15 Basic Profile; obfuscated pixels, no formal guarantee"; // 64 characters at most
    /// <summary>Cleans the header of a file.</summary>
    /// <param name="elements">As read.</param>
    /// <returns>The elements that stay, with those that the profile adds, and what was done.</returns>
    public (List<DicomElement> Elements, HeaderChange Change) Clean(IReadOnlyList<DicomElement> elements)
    {
        string patient = Text(elements, 0x00100020) + "/" + Text(elements, 0x00100010);
        var counts = new Counts();
        List<DicomElement> cleaned = Walk(elements, patient, counts);
        string burned = Text(elements, 0x00280301);
        cleaned.RemoveAll(element => element.Tag is 0x00080008 or 0x00120062 or 0x00120063 or 0x00120064 or 0x00082111);
        cleaned.Add(DicomElement.Of(0x00080008, "CS", "DERIVED\\SECONDARY"));
        cleaned.Add(DicomElement.Of(0x00082111, "ST", "Learned obfuscation by Pellicle. Not a diagnostic image."));
        cleaned.Add(DicomElement.Of(0x00120062, "CS", "YES"));
        cleaned.Add(DicomElement.Of(0x00120063, "LO", Method));
        cleaned.Add(DicomElement.Sequence(0x00120064, [Code("113100", "Basic Application Confidentiality Profile"), .. Options()]));
        foreach (uint missing in new uint[] { 0x00100010, 0x00100020 }.Where(tag => cleaned.TrueForAll(element => element.Tag != tag)))
        {
            cleaned.Add(DicomElement.Of(missing, missing == 0x00100010 ? "PN" : "LO", Pseudonym(patient)));
        }

        return (cleaned, new HeaderChange(counts.Removed, counts.Replaced, counts.Uids, burned != "NO"));
    }

    /// <summary>The replacement of a UID; UIDs of the standard stay.</summary>
    public string UidFor(string uid)
    {
        if (uid.Length == 0 || uid.StartsWith("1.2.840.10008.", StringComparison.Ordinal))
        {
            return uid;
        }

        byte[] bytes = [.. noise.Derive("uid", uid).Take(16), 0];
        return "2.25." + new BigInteger(bytes).ToString(CultureInfo.InvariantCulture); // at most 44 characters
    }

    private List<DicomElement> Walk(IReadOnlyList<DicomElement> elements, string patient, Counts counts)
    {
        var kept = new List<DicomElement>();
        foreach (DicomElement element in elements)
        {
            HeaderAction action = HeaderProfile.For(element, retained, hidden);
            if (action == HeaderAction.Remove)
            {
                counts.Removed++;
                continue;
            }

            counts.Replaced += action == HeaderAction.Keep ? 0 : 1;
            kept.Add(action switch
            {
                HeaderAction.Keep => element.Items is { } items ? DicomElement.Sequence(element.Tag, [.. items.Select(item => Walk(item, patient, counts))]) : element,
                HeaderAction.Uid => Uid(element, counts),
                HeaderAction.Date => DicomElement.Of(element.Tag, element.Vr, Shifted(element.Text, patient)),
                HeaderAction.Pseudonym => DicomElement.Of(element.Tag, element.Vr, Pseudonym(patient)),
                _ => DicomElement.Of(element.Tag, element.Vr, ""),
            });
        }

        return kept;
    }

    private DicomElement Uid(DicomElement element, Counts counts)
    {
        counts.Uids++;
        return DicomElement.Of(element.Tag, element.Vr, UidFor(element.Text));
    }

    private string Pseudonym(string patient) => "P" + Convert.ToHexString(noise.Derive("patient", patient))[..12];

    // Back by 1 to 10 years: intervals within a patient stay.
    private string Shifted(string date, string patient)
    {
        int days = 365 + (BitConverter.ToUInt16(noise.Derive("dates", patient)) % 3287);
        return DateTime.TryParseExact(date, "yyyyMMdd", CultureInfo.InvariantCulture, DateTimeStyles.None, out DateTime day) && day.Year > 1900
            ? day.AddDays(-days).ToString("yyyyMMdd", CultureInfo.InvariantCulture)
            : "";
    }

    private IEnumerable<List<DicomElement>> Options()
    {
        yield return retained.Contains("dates") ? Code("113106", "Retain Longitudinal Temporal Information Full Dates Option") : Code("113107", "Retain Longitudinal Temporal Information Modified Dates Option");
        if (retained.Contains("uid"))
        {
            yield return Code("113110", "Retain UIDs Option");
        }

        if (retained.Contains("device"))
        {
            yield return Code("113109", "Retain Device Identity Option");
        }

        if (retained.Contains("patient-characteristics"))
        {
            yield return Code("113108", "Retain Patient Characteristics Option");
        }
    }

    private static List<DicomElement> Code(string value, string meaning) =>
        [DicomElement.Of(0x00080100, "SH", value), DicomElement.Of(0x00080102, "SH", "DCM"), DicomElement.Of(0x00080104, "LO", meaning[..Math.Min(64, meaning.Length)])];

    private static string Text(IReadOnlyList<DicomElement> elements, uint tag) => elements.FirstOrDefault(element => element.Tag == tag)?.Text ?? "";

    private sealed class Counts
    {
        public int Removed { get; set; }

        public int Replaced { get; set; }

        public int Uids { get; set; }
    }
}

/// <summary>What was done to a header.</summary>
/// <param name="TagsRemoved">Elements left out, nested ones included.</param>
/// <param name="TagsReplaced">Elements with another value, or emptied.</param>
/// <param name="UidsRemapped">UIDs replaced.</param>
/// <param name="MayBeBurnedIn">Burned In Annotation (0028,0301) is YES or absent: text may stand in the pixels.</param>
internal sealed record HeaderChange(int TagsRemoved, int TagsReplaced, int UidsRemapped, bool MayBeBurnedIn);
