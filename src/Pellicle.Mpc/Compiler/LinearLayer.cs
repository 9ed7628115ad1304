using Pellicle.Mpc.Core;
using Pellicle.Mpc.Protocols;

namespace Pellicle.Mpc.Compiler;

/// <summary>A fully connected layer or a convolution, with bias.</summary>
/// <param name="Name">Name for messages and the plan.</param>
/// <param name="Input">Layer whose result goes in.</param>
/// <param name="Map">Shape.</param>
/// <param name="Weight">[Groups, Rows, Depth].</param>
/// <param name="Bias">[Groups, Rows], or null.</param>
public sealed record LinearLayer(string Name, int Input, LinearMap Map, float[] Weight, float[]? Bias) : NetworkLayer(Name, [Input])
{
    /// <inheritdoc/>
    public override string OperatorName => Map is ConvolutionMap ? "Conv" : "Gemm";

    /// <inheritdoc/>
    public override int OutputCount => Map.OutputCount;

    /// <inheritdoc/>
    public override int InputCount => Map.InputCount;

    /// <inheritdoc/>
    public override IReadOnlyList<(float[] Values, int Scale)> Secrets(FixedPoint point) =>
        Bias is null ? [(Weight, point.FractionalBits)] : [(Weight, point.FractionalBits), (Bias, 2 * point.FractionalBits)];

    /// <inheritdoc/>
    public override double[] Compute(IReadOnlyList<double[]> inputs)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        var output = new double[OutputCount];
        for (int g = 0; g < Map.Groups; g++)
        {
            ReadOnlySpan<double> columns = Map.Unfold<double>(g, inputs[0]);
            for (int r = 0; r < Map.Rows; r++)
            {
                int row = (g * Map.Rows) + r;
                Span<double> line = output.AsSpan(row * Map.Columns, Map.Columns);
                line.Fill(Bias?[row] ?? 0);
                for (int k = 0; k < Map.Depth; k++)
                {
                    double factor = Weight[(row * Map.Depth) + k];
                    ReadOnlySpan<double> source = columns.Slice(k * Map.Columns, Map.Columns);
                    for (int j = 0; j < line.Length; j++)
                    {
                        line[j] += factor * source[j];
                    }
                }
            }
        }

        return output;
    }

    /// <inheritdoc/>
    public override SharedTensor Run(ITensorProtocol protocol, IReadOnlyList<SharedTensor> inputs, IReadOnlyList<SharedTensor> secrets, FixedPoint point, LayerRange range)
    {
        ArgumentNullException.ThrowIfNull(protocol);
        return protocol.Linear(Map, secrets[0], inputs[0], secrets.Count > 1 ? secrets[1] : null, point.FractionalBits);
    }
}
