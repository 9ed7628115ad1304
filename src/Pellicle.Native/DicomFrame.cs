namespace Pellicle.Native;

/// <summary>A frame of a DICOM file as it is stored, and what is needed to show it. No patient data.</summary>
/// <param name="Columns">Pixels across.</param>
/// <param name="Rows">Pixels down.</param>
/// <param name="Samples">1 (grey, palette) or 3 (colour).</param>
/// <param name="Frames">Frames in the file.</param>
/// <param name="BitsAllocated">8 or 16.</param>
/// <param name="BitsStored">1 to <paramref name="BitsAllocated"/>.</param>
/// <param name="HighBit">Position of the highest stored bit.</param>
/// <param name="IsSigned">Values are two's complement.</param>
/// <param name="Photometric">Photometric Interpretation (0028,0004).</param>
/// <param name="TransferSyntax">UID of the transfer syntax.</param>
/// <param name="Slope">Rescale Slope (0028,1053); 1 if absent.</param>
/// <param name="Intercept">Rescale Intercept (0028,1052); 0 if absent.</param>
/// <param name="WindowCentre">First Window Center (0028,1050), or null.</param>
/// <param name="WindowWidth">First Window Width (0028,1051), at least 1, or null.</param>
/// <param name="Pixels">[frames, rows, columns, samples], little endian, one or two bytes a value.</param>
/// <param name="Palette">Three tables one after the other, or null.</param>
/// <param name="Modality">Modality table (0028,3000), or null.</param>
/// <param name="Voi">First VOI table (0028,3010), over values after the modality step, or null.</param>
/// <param name="Tags">"gggg,eeee Name" of the elements present, if they were asked for. Never values.</param>
public sealed record DicomFrame(
    int Columns, int Rows, int Samples, int Frames, int BitsAllocated, int BitsStored, int HighBit, bool IsSigned, string Photometric, string TransferSyntax,
    double Slope, double Intercept, double? WindowCentre, double? WindowWidth, byte[] Pixels, DicomTable? Palette, DicomTable? Modality, DicomTable? Voi, IReadOnlyList<string> Tags);

/// <summary>A lookup table of a DICOM file.</summary>
/// <param name="First">Value of the first entry (stored, or for a VOI table after the modality step); values below take the first entry, values beyond the end the last.</param>
/// <param name="Bits">Bits of an entry, 8 to 16.</param>
/// <param name="Entries">The entries.</param>
public sealed record DicomTable(int First, int Bits, ushort[] Entries);
