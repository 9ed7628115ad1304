using Pellicle.Native;

namespace Pellicle.Viewmaker.Release.Dicom;

/// <summary>What becomes of an element.</summary>
internal enum HeaderAction
{
    /// <summary>Left out.</summary>
    Remove,

    /// <summary>As it is; sequences are walked.</summary>
    Keep,

    /// <summary>Present without a value.</summary>
    Empty,

    /// <summary>Another UID, the same wherever it stands.</summary>
    Uid,

    /// <summary>Moved by the patient's shift.</summary>
    Date,

    /// <summary>A pseudonym of the patient.</summary>
    Pseudonym,
}

/// <summary>Which elements stay. Stricter than the Basic Application Confidentiality Profile (PS3.15, annex E): what is not listed here is removed, whether or not the profile names it.</summary>
/// <remarks>Kept are pixels, how they are to be shown, geometry, and technical values of acquisition that the profile leaves alone. Private elements, overlays, curves, descriptions, people,
/// institutions and devices are not listed, so they go. Options of the profile bring groups of elements back.</remarks>
internal static class HeaderProfile
{
    /// <summary>Names of the options of the profile that can be retained.</summary>
    public static IReadOnlyList<string> Options { get; } = ["uid", "dates", "device", "patient-characteristics"];

    /// <summary>Kept elements that are sequences by the standard, whatever a file says of them.</summary>
    public static IReadOnlySet<uint> KeptSequences { get; } =
        new HashSet<uint> { 0x00283000, 0x00283010, 0x52009229, 0x52009230, 0x00289110, 0x00289132, 0x00289145, 0x00209111, 0x00209113, 0x00209116 };

    private static readonly HashSet<uint> Kept =
    [
        0x00080005, 0x00080008, 0x00080016, 0x00080060,
        0x00180015, 0x00180050, 0x00180060, 0x00180080, 0x00180081, 0x00180087, 0x00180088, 0x00181100, 0x00181110, 0x00181111, 0x00181150, 0x00181151, 0x00181152, 0x00181164, 0x00185100, 0x00185101,
        0x00200011, 0x00200013, 0x00200020, 0x00200032, 0x00200037, 0x00200060, 0x00200062, 0x00201041, 0x00209111, 0x00209113, 0x00209116,
        0x00280002, 0x00280004, 0x00280006, 0x00280008, 0x00280009, 0x00280010, 0x00280011, 0x00280030, 0x00280034, 0x00280100, 0x00280101, 0x00280102, 0x00280103, 0x00280120,
        0x00280301, 0x00281050, 0x00281051, 0x00281052, 0x00281053, 0x00281054, 0x00281056, 0x00282110, 0x00283000, 0x00283002, 0x00283006, 0x00283010, 0x00289110, 0x00289132, 0x00289145,
        0x20500020, 0x52009229, 0x52009230,
    ];

    private static readonly HashSet<uint> Uids = [0x00080018, 0x0020000D, 0x0020000E, 0x00200052];
    private static readonly HashSet<uint> Dates = [0x00080020, 0x00080021, 0x00080022, 0x00080023];
    private static readonly HashSet<uint> Emptied = [0x00080030, 0x00080050, 0x00080090, 0x00100030, 0x00100040, 0x00200010];
    private static readonly HashSet<uint> Devices = [0x00080070, 0x00081090, 0x00181000, 0x00181020];
    private static readonly HashSet<uint> Geometry = [0x00180015, 0x00180050, 0x00181164]; // of group 0018: body part, slice thickness, spacing at the detector
    private static readonly HashSet<uint> Characteristics = [0x00100040, 0x00101010, 0x00101020, 0x00101030];

    /// <summary>The action for an element.</summary>
    /// <param name="element">Of any level.</param>
    /// <param name="retained">Options of the profile.</param>
    /// <param name="hidden">What the image hides: no tag must tell it.</param>
    public static HeaderAction For(DicomElement element, IReadOnlyCollection<string> retained, HiddenTags hidden)
    {
        uint tag = element.Tag;
        if (tag is 0x00100010 or 0x00100020)
        {
            return HeaderAction.Pseudonym;
        }

        if (retained.Contains("patient-characteristics") && Characteristics.Contains(tag))
        {
            return (tag == 0x00100040 && hidden.Sex) || (tag == 0x00101010 && hidden.Age) ? HeaderAction.Empty : HeaderAction.Keep;
        }

        return element.IsPrivate ? HeaderAction.Remove
            : Uids.Contains(tag) ? retained.Contains("uid") ? HeaderAction.Keep : HeaderAction.Uid
            : Dates.Contains(tag) ? retained.Contains("dates") ? HeaderAction.Keep : HeaderAction.Date
            : hidden.Device && (tag >> 16) == 0x0018 && !Geometry.Contains(tag) ? HeaderAction.Remove
            : Devices.Contains(tag) && retained.Contains("device") ? HeaderAction.Keep
            : Emptied.Contains(tag) ? HeaderAction.Empty
            : element.Items is null && KeptSequences.Contains(tag) ? HeaderAction.Remove // written as bytes of an unknown kind: what is inside cannot be walked
            : Kept.Contains(tag) ? HeaderAction.Keep
            : HeaderAction.Remove;
    }
}
