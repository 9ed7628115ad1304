using Pellicle.Viewmaker.Release.Dicom;

namespace Pellicle.Viewmaker.Release;

/// <summary>What became of one file.</summary>
/// <param name="Content">The new file.</param>
/// <param name="MeanAbsDelta">Mean change of the samples that were written, pixel-range units.</param>
/// <param name="MaxAbsDelta">Largest change, pixel-range units.</param>
/// <param name="Headers">What was done to the header of a DICOM file; null for others.</param>
internal sealed record FileChange(byte[] Content, double MeanAbsDelta, double MaxAbsDelta, HeaderChange? Headers = null);
