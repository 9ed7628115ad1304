namespace Pellicle.Data.Images;

/// <summary>(v/255 − mean)/std for all 256 values of each channel, computed in double and rounded once.</summary>
internal sealed class NormalisationTable
{
    private readonly float[][] _tables;
    private readonly float[] _mean;
    private readonly float[] _std;

    internal NormalisationTable(ImageTransform transform)
    {
        _mean = transform.Mean;
        _std = transform.Std;
        _tables = new float[transform.Channels][];
        for (int c = 0; c < _tables.Length; c++)
        {
            _tables[c] = new float[256];
            for (int v = 0; v < 256; v++)
            {
                _tables[c][v] = (float)((v / 255.0 - _mean[c]) / _std[c]);
            }
        }
    }

    internal int Channels => _tables.Length;

    internal void Write(int channel, ReadOnlySpan<byte> samples, Span<float> destination)
    {
        ReadOnlySpan<float> table = _tables[channel].AsSpan(0, 256);
        destination = destination[..samples.Length];
        for (int i = 0; i < samples.Length; i++)
        {
            destination[i] = table[samples[i]];
        }
    }

    internal void Write(int channel, ReadOnlySpan<float> samples, Span<float> destination)
    {
        float mean = _mean[channel];
        float std = _std[channel];
        for (int i = 0; i < samples.Length; i++)
        {
            destination[i] = (samples[i] - mean) / std;
        }
    }
}
