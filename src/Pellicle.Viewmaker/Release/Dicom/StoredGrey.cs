using Pellicle.Data.Dicom;
using Pellicle.Native;

namespace Pellicle.Viewmaker.Release.Dicom;

/// <summary>Stored grey values and the view of them: what the window shows is what the generator sees, and its change is carried back into the stored values.</summary>
/// <remarks>Inside the window a change of the view δ is a change of (w − 1)·δ/slope of the value; values outside the window keep their place beyond it, or are cut to its ends. Files with tables (modality or VOI),
/// whose view is not linear, are seen from their smallest to their largest value.</remarks>
internal sealed class StoredGrey
{
    private readonly int[] _stored;
    private readonly double _low;
    private readonly double _span;
    private readonly bool _isInverted;
    private readonly DicomFrame _frame;

    /// <summary>Reads a frame.</summary>
    /// <param name="frame">Decoded.</param>
    /// <param name="cutsToWindow">Cut values outside the window to its ends: the generator does not see them, and beside a picture that was moved they would show where everything had been.</param>
    public StoredGrey(DicomFrame frame, bool cutsToWindow = false)
    {
        _frame = frame;
        _stored = DicomPicture.StoredValues(frame);
        _isInverted = frame.Photometric == "MONOCHROME1";
        double least = _stored.Min(), most = Math.Max(_stored.Max(), least + 1);
        if (frame.Modality is null && frame.Voi is null && frame.WindowCentre is { } centre && frame.WindowWidth is { } width && width > 1 && frame.Slope != 0)
        {
            // Values at which the linear function of PS3.3 C.11.2.1.2.1 is 0 and 1, as stored values.
            double low = (centre - 0.5 - ((width - 1) / 2) - frame.Intercept) / frame.Slope;
            double high = (centre - 0.5 + ((width - 1) / 2) - frame.Intercept) / frame.Slope;
            (least, most) = (low, high);
        }

        _low = least;
        _span = most - least;
        if (cutsToWindow)
        {
            int lowest = (int)Math.Ceiling(Math.Min(least, most)), highest = (int)Math.Max(lowest, Math.Floor(Math.Max(least, most)));
            for (int i = 0; i < _stored.Length; i++)
            {
                _stored[i] = Math.Clamp(_stored[i], lowest, highest);
            }
        }
    }

    /// <summary>One frame as it is shown, 0..1.</summary>
    /// <param name="first">Index of the frame's first value.</param>
    /// <param name="view">As many values as the frame has.</param>
    public void View(int first, Span<float> view)
    {
        for (int i = 0; i < view.Length; i++)
        {
            double shown = Math.Clamp((_stored[first + i] - _low) / _span, 0, 1);
            view[i] = (float)(_isInverted ? 1 - shown : shown);
        }
    }

    /// <summary>Carries a change of the view into the stored values.</summary>
    /// <param name="first">Index of the frame's first value.</param>
    /// <param name="change">Change of the view.</param>
    public void Change(int first, ReadOnlySpan<float> change)
    {
        int half = 1 << (_frame.BitsStored - 1);
        (int least, int most) = _frame.IsSigned ? (-half, half - 1) : (0, (2 * half) - 1);
        for (int i = 0; i < change.Length; i++)
        {
            double moved = _stored[first + i] + ((_isInverted ? -change[i] : change[i]) * _span);
            _stored[first + i] = (int)Math.Clamp(Math.Round(moved), least, most);
        }
    }

    /// <summary>The values as they are stored, in the same bits.</summary>
    public byte[] ToPixels()
    {
        int bytes = _frame.BitsAllocated / 8;
        int shift = _frame.HighBit + 1 - _frame.BitsStored;
        int mask = (1 << _frame.BitsStored) - 1;
        var pixels = new byte[_stored.Length * bytes];
        for (int i = 0; i < _stored.Length; i++)
        {
            int raw = (_stored[i] & mask) << shift;
            pixels[bytes * i] = (byte)raw;
            if (bytes == 2)
            {
                pixels[(2 * i) + 1] = (byte)(raw >> 8);
            }
        }

        return pixels;
    }

    /// <summary>The stored values, copied.</summary>
    public int[] Values() => [.. _stored];

    /// <summary>Stored values that the view spans.</summary>
    public double Span => Math.Abs(_span);
}
