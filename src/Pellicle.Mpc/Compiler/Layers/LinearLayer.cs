using System.Numerics;
using System.Text.Json.Serialization;
using Pellicle.Mpc.Core;
using Pellicle.Mpc.Protocols;

namespace Pellicle.Mpc.Compiler.Layers;

/// <summary>A fully connected layer or a convolution, with bias.</summary>
/// <param name="Name">Name for messages and the plan.</param>
/// <param name="Input">Layer whose result goes in.</param>
/// <param name="Map">Shape.</param>
/// <param name="HasBias">True if a bias is added.</param>
[method: JsonConstructor]
public sealed record LinearLayer(string Name, int Input, LinearMap Map, bool HasBias) : NetworkLayer(Name, [Input])
{
    /// <summary>A layer with its values.</summary>
    /// <param name="name">Name for messages and the plan.</param>
    /// <param name="input">Layer whose result goes in.</param>
    /// <param name="map">Shape.</param>
    /// <param name="weight">[Groups, Rows, Depth].</param>
    /// <param name="bias">[Groups, Rows], or null.</param>
    public LinearLayer(string name, int input, LinearMap map, float[] weight, float[]? bias)
        : this(name, input, map, bias is not null)
    {
        Weight = weight;
        Bias = bias;
    }

    /// <summary>[Groups, Rows, Depth]; null if read from a plan.</summary>
    [JsonIgnore]
    public float[]? Weight { get; init; }

    /// <summary>[Groups, Rows]; null if there is none, or if read from a plan.</summary>
    [JsonIgnore]
    public float[]? Bias { get; init; }

    /// <inheritdoc/>
    public override string OperatorName => Map switch
    {
        ConvolutionMap => "Conv",
        TokenMap => "MatMul",
        _ => "Gemm",
    };

    /// <inheritdoc/>
    public override int OutputCount => Map.OutputCount;

    /// <inheritdoc/>
    public override int InputCount => Map.InputCount;

    /// <inheritdoc/>
    public override IReadOnlyList<SecretShape> SecretShapes(FixedPoint point)
    {
        SecretShape weight = new("weight", Map.WeightCount, point.FractionalBits);
        return HasBias ? [weight, new("bias", Map.Groups * Map.Rows, 2 * point.FractionalBits)] : [weight];
    }

    /// <inheritdoc/>
    public override IReadOnlyList<float[]> SecretValues() => HasBias ? [Known(Weight), Known(Bias)] : [Known(Weight)];

    /// <inheritdoc/>
    public override IReadOnlyList<ulong[]> EncodedSecrets(FixedPoint point)
    {
        ulong[] weight = point.EncodeRows(Known(Weight), Map.Depth);
        return HasBias ? [weight, new FixedPoint(2 * point.FractionalBits).Encode(Known(Bias))] : [weight];
    }

    /// <inheritdoc/>
    public override NetworkLayer ForImages(int images) => this with { Map = Map.ForImages(images) };

    /// <inheritdoc/>
    public override double[] Compute(IReadOnlyList<double[]> inputs)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        float[] weight = Known(Weight);
        double[] input = inputs[0];
        var output = new double[OutputCount];
        for (int group = 0; group < Map.Groups; group++)
        {
            int g = group;
            double[] columns = Map.Unfold<double>(g, input).ToArray();
            Parallel.For(0, Map.Rows, r =>
            {
                int row = (g * Map.Rows) + r;
                Span<double> line = output.AsSpan(row * Map.Columns, Map.Columns);
                line.Fill(Bias?[row] ?? 0);
                for (int k = 0; k < Map.Depth; k++)
                {
                    AddScaled(weight[(row * Map.Depth) + k], columns.AsSpan(k * Map.Columns, Map.Columns), line);
                }
            });
        }

        return output;
    }

    /// <inheritdoc/>
    public override SharedTensor Run(ITensorProtocol protocol, IReadOnlyList<SharedTensor> inputs, IReadOnlyList<SharedTensor> secrets, FixedPoint point, LayerRange range)
    {
        ArgumentNullException.ThrowIfNull(protocol);
        ArgumentNullException.ThrowIfNull(secrets);
        return protocol.Linear(Map, secrets[0], inputs[0], secrets.Count > 1 ? secrets[1] : null, point.FractionalBits);
    }

    private static void AddScaled(double factor, ReadOnlySpan<double> source, Span<double> line)
    {
        int i = 0;
        for (; i <= line.Length - Vector<double>.Count; i += Vector<double>.Count)
        {
            (new Vector<double>(line[i..]) + (factor * new Vector<double>(source[i..]))).CopyTo(line[i..]);
        }

        for (; i < line.Length; i++)
        {
            line[i] += factor * source[i];
        }
    }
}
