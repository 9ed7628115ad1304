using Pellicle.Tensors;

namespace Pellicle.Viewmaker.Subjects;

/// <summary>Pictures of one size in memory, 8 bits a sample as most files hold them, or 16 bits.</summary>
/// <param name="channels">C, 1 or 3.</param>
/// <param name="side">S, pixels.</param>
/// <param name="samples">[n, C, S, S].</param>
/// <param name="wide">The same with 16 bits a sample, or null: then 8 bits are all there is.</param>
public sealed class PictureSet(int channels, int side, byte[] samples, ushort[]? wide = null)
{
    /// <summary>C.</summary>
    public int Channels { get; } = channels;

    /// <summary>S, pixels.</summary>
    public int Side { get; } = side;

    /// <summary>Number of pictures n.</summary>
    public int Count { get; } = samples.Length / (channels * side * side);

    /// <summary>Samples of one picture: C · S · S.</summary>
    public int SampleCount => Channels * Side * Side;

    /// <summary>True with 16 bits a sample.</summary>
    public bool IsWide => wide is not null;

    /// <summary>The samples of a picture [C, S, S], to 8 bits.</summary>
    /// <param name="row">0 … n − 1.</param>
    public ReadOnlySpan<byte> this[int row] => samples.AsSpan(row * SampleCount, SampleCount);

    /// <summary>Room for n pictures.</summary>
    /// <param name="channels">C.</param>
    /// <param name="side">S.</param>
    /// <param name="count">n.</param>
    /// <param name="fill">Writes the samples of a picture [C, S, S].</param>
    public static PictureSet Fill(int channels, int side, int count, PictureWriter fill)
    {
        ArgumentNullException.ThrowIfNull(fill);
        int length = channels * side * side;
        byte[] samples = new byte[checked(count * length)];
        for (int i = 0; i < count; i++)
        {
            fill(i, samples.AsSpan(i * length, length));
        }

        return new PictureSet(channels, side, samples);
    }

    /// <summary>Room for n pictures of 16 bits a sample.</summary>
    /// <param name="channels">C.</param>
    /// <param name="side">S.</param>
    /// <param name="count">n.</param>
    /// <param name="fill">Writes the numbers of a picture [C, S, S], 0..1; they are rounded to 16 bits.</param>
    public static PictureSet FillWide(int channels, int side, int count, NumberWriter fill)
    {
        ArgumentNullException.ThrowIfNull(fill);
        int length = channels * side * side;
        var wide = new ushort[checked(count * length)];
        var numbers = new float[length];
        for (int i = 0; i < count; i++)
        {
            fill(i, numbers);
            for (int k = 0; k < length; k++)
            {
                wide[(i * length) + k] = (ushort)((Math.Clamp(numbers[k], 0f, 1f) * 65535.0) + 0.5);
            }
        }

        return new PictureSet(channels, side, Array.ConvertAll(wide, value => (byte)((value + 128) / 257)), wide);
    }

    /// <summary>A sample as a number in 0..1, with all its bits.</summary>
    /// <param name="row">0 … n − 1.</param>
    /// <param name="k">0 … C · S · S − 1.</param>
    public double Value(int row, int k) => wide is null ? samples[(row * SampleCount) + k] / 255.0 : wide[(row * SampleCount) + k] / 65535.0;

    /// <summary>Pictures as numbers in 0..1.</summary>
    /// <param name="rows">Which.</param>
    /// <returns>[n, C, S, S], in the caller's scope.</returns>
    public Tensor Batch(ReadOnlySpan<int> rows)
    {
        Tensor batch = Tensor.Empty(DType.Float32, rows.Length, Channels, Side, Side);
        Span<float> values = batch.Data<float>();
        for (int i = 0; i < rows.Length; i++)
        {
            ReadOnlySpan<byte> picture = this[rows[i]];
            Span<float> target = values.Slice(i * SampleCount, SampleCount);
            for (int k = 0; k < picture.Length; k++)
            {
                target[k] = wide is null ? picture[k] / 255f : (float)Value(rows[i], k);
            }
        }

        return batch;
    }

    /// <summary>Some of the pictures.</summary>
    /// <param name="rows">Which.</param>
    public PictureSet Take(IReadOnlyList<int> rows)
    {
        ArgumentNullException.ThrowIfNull(rows);
        return wide is null ? Fill(Channels, Side, rows.Count, (i, target) => this[rows[i]].CopyTo(target)) : FillWide(Channels, Side, rows.Count, (i, target) =>
        {
            for (int k = 0; k < target.Length; k++)
            {
                target[k] = (float)Value(rows[i], k);
            }
        });
    }

    /// <summary>The same pictures with 8 bits a sample.</summary>
    public PictureSet To8Bits() => wide is null ? this : new PictureSet(Channels, Side, samples);

    /// <summary>Numbers in 0..1 as samples, rounded.</summary>
    /// <param name="values">In 0..1.</param>
    /// <param name="samples">As many.</param>
    public static void Quantise(ReadOnlySpan<float> values, Span<byte> samples)
    {
        for (int i = 0; i < samples.Length; i++)
        {
            samples[i] = (byte)(Math.Clamp(values[i], 0f, 1f) * 255f + 0.5f);
        }
    }
}

/// <summary>Writes the samples of a picture.</summary>
/// <param name="row">Which.</param>
/// <param name="samples">[C, S, S].</param>
public delegate void PictureWriter(int row, Span<byte> samples);

/// <summary>Writes the numbers of a picture.</summary>
/// <param name="row">Which.</param>
/// <param name="numbers">[C, S, S], 0..1.</param>
public delegate void NumberWriter(int row, Span<float> numbers);
