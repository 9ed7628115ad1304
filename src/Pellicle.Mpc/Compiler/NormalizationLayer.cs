using Pellicle.Mpc.Core;
using Pellicle.Mpc.Operators;
using Pellicle.Mpc.Protocols;

namespace Pellicle.Mpc.Compiler;

/// <summary>Group, layer or instance normalisation, then scale and shift per channel.</summary>
/// <param name="Name">Name for messages and the plan.</param>
/// <param name="Input">Layer whose result goes in.</param>
/// <param name="GroupOf">Group of each element; groups are equally large.</param>
/// <param name="ChannelOf">Channel of each element.</param>
/// <param name="Epsilon">Added to the variance.</param>
/// <param name="Scale">γ, one a channel.</param>
/// <param name="Shift">β, one a channel.</param>
public sealed record NormalizationLayer(string Name, int Input, int[] GroupOf, int[] ChannelOf, double Epsilon, float[] Scale, float[] Shift) : NetworkLayer(Name, [Input])
{
    /// <inheritdoc/>
    public override string OperatorName => "GroupNormalization";

    /// <inheritdoc/>
    public override int OutputCount => GroupOf.Length;

    /// <inheritdoc/>
    public override int InputCount => GroupOf.Length;

    /// <summary>Number of groups.</summary>
    public int Groups { get; } = GroupOf.Max() + 1;

    private int Size => GroupOf.Length / Groups;

    /// <inheritdoc/>
    public override IReadOnlyList<(float[] Values, int Scale)> Secrets(FixedPoint point) => [(Scale, point.FractionalBits), (Shift, point.FractionalBits)];

    /// <summary>Least and largest variance of a group, epsilon included.</summary>
    /// <param name="input">In the clear.</param>
    public (double Least, double Largest) Variances(double[] input)
    {
        double[] variances = [.. Moments(input).Select(m => m.Variance + Epsilon)];
        return (variances.Min(), variances.Max());
    }

    /// <inheritdoc/>
    public override double[] Compute(IReadOnlyList<double[]> inputs)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        (double Mean, double Variance)[] moments = Moments(inputs[0]);
        return [.. inputs[0].Select((x, i) => ((x - moments[GroupOf[i]].Mean) / Math.Sqrt(moments[GroupOf[i]].Variance + Epsilon) * Scale[ChannelOf[i]]) + Shift[ChannelOf[i]])];
    }

    /// <inheritdoc/>
    public override SharedTensor Run(ITensorProtocol protocol, IReadOnlyList<SharedTensor> inputs, IReadOnlyList<SharedTensor> secrets, FixedPoint point, LayerRange range)
    {
        ArgumentNullException.ThrowIfNull(protocol);
        ArgumentNullException.ThrowIfNull(range);
        var normalization = new Normalization(Size, Groups, GroupOf, Epsilon, range.LeastVariance, range.LargestVariance);
        SharedTensor normal = normalization.Evaluate(protocol, inputs[0], point, signWidth: 24);
        return protocol.MultiplySum(normal, secrets[0].Gather(ChannelOf), OutputCount, null, point.FractionalBits).Add(secrets[1].Gather(ChannelOf));
    }

    private (double Mean, double Variance)[] Moments(double[] x)
    {
        var sum = new double[Groups];
        var squares = new double[Groups];
        for (int i = 0; i < x.Length; i++)
        {
            sum[GroupOf[i]] += x[i] / Size;
        }

        for (int i = 0; i < x.Length; i++)
        {
            double deviation = x[i] - sum[GroupOf[i]];
            squares[GroupOf[i]] += deviation * deviation / Size;
        }

        return [.. sum.Zip(squares)];
    }
}
