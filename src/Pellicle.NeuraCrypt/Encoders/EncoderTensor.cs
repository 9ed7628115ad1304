namespace Pellicle.NeuraCrypt.Encoders;

/// <summary>One tensor of an encoder and how it is drawn.</summary>
/// <param name="Name">As in the reference's state dictionary.</param>
/// <param name="Shape">Extents, outermost first.</param>
/// <param name="Distribution">Initial distribution.</param>
/// <param name="FanIn">Inputs of one output: bounds the uniform by 1/√fanIn; 0 for the others.</param>
public sealed record EncoderTensor(string Name, IReadOnlyList<long> Shape, EncoderDistribution Distribution, int FanIn)
{
    /// <summary>Number of values.</summary>
    public int Count => checked((int)Shape.Aggregate(1L, (product, size) => checked(product * size)));
}

/// <summary>How the values of a tensor are drawn; the distributions of the reference.</summary>
public enum EncoderDistribution
{
    /// <summary>U(−1/√fanIn, 1/√fanIn).</summary>
    Uniform,

    /// <summary>N(0, 1).</summary>
    Normal,

    /// <summary>All 1.</summary>
    One,

    /// <summary>All 0.</summary>
    Zero,
}
