using System.Text.Json.Serialization;
using Pellicle.Mpc.Core;
using Pellicle.Mpc.Operators;
using Pellicle.Mpc.Protocols;

namespace Pellicle.Mpc.Compiler.Layers;

/// <summary>Group, instance or layer normalisation, then scale and shift per channel.</summary>
/// <param name="Name">Name for messages and the plan.</param>
/// <param name="Input">Layer whose result goes in.</param>
/// <param name="Map">Which elements are normalised together.</param>
/// <param name="Epsilon">Added to the variance.</param>
[method: JsonConstructor]
public sealed record NormalizationLayer(string Name, int Input, NormalizationMap Map, double Epsilon) : NetworkLayer(Name, [Input])
{
    /// <summary>A layer with its values.</summary>
    /// <param name="name">Name for messages and the plan.</param>
    /// <param name="input">Layer whose result goes in.</param>
    /// <param name="map">Which elements are normalised together.</param>
    /// <param name="epsilon">Added to the variance.</param>
    /// <param name="scale">γ, one a channel.</param>
    /// <param name="shift">β, one a channel.</param>
    public NormalizationLayer(string name, int input, NormalizationMap map, double epsilon, float[] scale, float[] shift)
        : this(name, input, map, epsilon)
    {
        Scale = scale;
        Shift = shift;
    }

    /// <summary>γ, one a channel; null if read from a plan.</summary>
    [JsonIgnore]
    public float[]? Scale { get; init; }

    /// <summary>β, one a channel; null if read from a plan.</summary>
    [JsonIgnore]
    public float[]? Shift { get; init; }

    /// <inheritdoc/>
    public override string OperatorName => Map.IsPerPosition ? "LayerNormalization" : "GroupNormalization";

    /// <inheritdoc/>
    public override int OutputCount => Map.Count;

    /// <inheritdoc/>
    public override int InputCount => Map.Count;

    /// <inheritdoc/>
    public override string? Approximation => "1/sqrt by Newton steps within 2^-12, relative";

    /// <inheritdoc/>
    public override IReadOnlyList<SecretShape> SecretShapes(FixedPoint point) => [new("scale", Map.Channels, point.FractionalBits), new("shift", Map.Channels, point.FractionalBits)];

    /// <inheritdoc/>
    public override IReadOnlyList<float[]> SecretValues() => [Known(Scale), Known(Shift)];

    /// <inheritdoc/>
    public override NetworkLayer ForImages(int images) => this with { Map = Map with { Batch = checked(Map.Batch * images) } };

    /// <summary>Least and largest variance of a group, epsilon included.</summary>
    /// <param name="input">In the clear.</param>
    public (double Least, double Largest) Variances(double[] input)
    {
        double[] variances = [.. Moments(input, Map.GroupOf()).Select(m => m.Variance + Epsilon)];
        return (variances.Min(), variances.Max());
    }

    /// <inheritdoc/>
    public override double[] Compute(IReadOnlyList<double[]> inputs)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        int[] group = Map.GroupOf(), channel = Map.ChannelOf();
        float[] scale = Known(Scale), shift = Known(Shift);
        (double Mean, double Variance)[] moments = Moments(inputs[0], group);
        return [.. inputs[0].Select((x, i) => ((x - moments[group[i]].Mean) / Math.Sqrt(moments[group[i]].Variance + Epsilon) * scale[channel[i]]) + shift[channel[i]])];
    }

    /// <inheritdoc/>
    public override SharedTensor Run(ITensorProtocol protocol, IReadOnlyList<SharedTensor> inputs, IReadOnlyList<SharedTensor> secrets, FixedPoint point, LayerRange range)
    {
        ArgumentNullException.ThrowIfNull(protocol);
        ArgumentNullException.ThrowIfNull(inputs);
        ArgumentNullException.ThrowIfNull(secrets);
        ArgumentNullException.ThrowIfNull(range);
        int[] channel = Map.ChannelOf();
        var normalization = new Normalization(Map.GroupSize, Map.Groups * Map.Batch, Map.GroupOf(), Epsilon, range.LeastVariance, range.LargestVariance);
        SharedTensor normal = normalization.Evaluate(protocol, inputs[0], point, signWidth: 24);
        return protocol.MultiplySum(normal, secrets[0].Gather(channel), OutputCount, null, point.FractionalBits).Add(secrets[1].Gather(channel));
    }

    private (double Mean, double Variance)[] Moments(double[] x, int[] group)
    {
        int count = Map.Groups * Map.Batch;
        var sum = new double[count];
        var squares = new double[count];
        for (int i = 0; i < x.Length; i++)
        {
            sum[group[i]] += x[i] / Map.GroupSize;
        }

        for (int i = 0; i < x.Length; i++)
        {
            double deviation = x[i] - sum[group[i]];
            squares[group[i]] += deviation * deviation / Map.GroupSize;
        }

        return [.. sum.Zip(squares)];
    }
}
