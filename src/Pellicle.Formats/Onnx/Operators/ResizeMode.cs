namespace Pellicle.Formats.Onnx.Operators;

/// <summary>How Resize interpolates.</summary>
/// <param name="Interpolation">nearest, linear or cubic.</param>
/// <param name="Coordinates">coordinate_transformation_mode.</param>
/// <param name="Nearest">nearest_mode.</param>
internal sealed record ResizeMode(string Interpolation, string Coordinates, string Nearest)
{
    /// <summary>Keys 1981: the parameter a of cubic interpolation.</summary>
    public double CubicCoefficient { get; init; } = -0.75;

    /// <summary>True to leave positions outside the input out of the weights, rather than to repeat the edge.</summary>
    public bool ExcludesOutside { get; init; }

    /// <summary>True to widen the filter when shrinking.</summary>
    public bool IsAntialiased { get; init; }

    /// <summary>Region of each axis for tf_crop_and_resize, in 0..1.</summary>
    public (double Start, double End)[] Regions { get; init; } = [];
}
