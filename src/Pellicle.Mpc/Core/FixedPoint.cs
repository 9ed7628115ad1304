namespace Pellicle.Mpc.Core;

/// <summary>Real numbers as integers modulo 2^64: round(v · 2^f), negative ones in two's complement.</summary>
/// <param name="FractionalBits">f, 1 to 40.</param>
public readonly record struct FixedPoint(int FractionalBits)
{
    /// <summary>f, 1 to 40.</summary>
    public int FractionalBits { get; init; } = FractionalBits is >= 1 and <= 40 ? FractionalBits : throw new ArgumentOutOfRangeException(nameof(FractionalBits), FractionalBits, "Expected 1 to 40.");

    /// <summary>Encodes one number, rounding to nearest.</summary>
    /// <param name="value">Finite, |value| · 2^f below 2^62.</param>
    /// <exception cref="ArgumentOutOfRangeException">Not finite, or too large for the ring.</exception>
    public ulong Encode(double value)
    {
        double scaled = Math.Round(Math.ScaleB(value, FractionalBits));
        return double.IsFinite(scaled) && Math.Abs(scaled) < Math.ScaleB(1, 62)
            ? (ulong)(long)scaled
            : throw new ArgumentOutOfRangeException(nameof(value), $"A value is not finite or above 2^{62 - FractionalBits}, the range of {FractionalBits} fractional bits.");
    }

    /// <summary>Encodes an array.</summary>
    /// <param name="values">As in <see cref="Encode(double)"/>.</param>
    public ulong[] Encode(ReadOnlySpan<float> values)
    {
        var result = new ulong[values.Length];
        for (int i = 0; i < result.Length; i++)
        {
            result[i] = Encode(values[i]);
        }

        return result;
    }

    /// <summary>Encodes rows of weights by error diffusion: what rounding takes from one weight is added to the next, so the sum of any run of a row is right to one unit.</summary>
    /// <remarks>Neighbouring inputs of a linear layer resemble each other, and behind a ReLU none is negative; rounding errors that add up to nothing then cancel. Each weight is within one unit of its value.</remarks>
    /// <param name="values">As in <see cref="Encode(double)"/>.</param>
    /// <param name="rowLength">Elements of a row.</param>
    public ulong[] EncodeRows(ReadOnlySpan<float> values, int rowLength)
    {
        var result = new ulong[values.Length];
        double carried = 0;
        for (int i = 0; i < result.Length; i++)
        {
            carried = i % rowLength == 0 ? 0 : carried;
            double wanted = values[i] + carried;
            result[i] = Encode(wanted);
            carried = wanted - Decode(result[i]);
        }

        return result;
    }

    /// <summary>Decodes one number.</summary>
    /// <param name="element">A ring element.</param>
    public double Decode(ulong element) => Math.ScaleB((double)(long)element, -FractionalBits);

    /// <summary>Decodes an array.</summary>
    /// <param name="elements">Ring elements.</param>
    public double[] Decode(ReadOnlySpan<ulong> elements)
    {
        var result = new double[elements.Length];
        for (int i = 0; i < result.Length; i++)
        {
            result[i] = Decode(elements[i]);
        }

        return result;
    }
}
