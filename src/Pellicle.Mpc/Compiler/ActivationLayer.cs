using Pellicle.Mpc.Core;
using Pellicle.Mpc.Operators;
using Pellicle.Mpc.Protocols;

namespace Pellicle.Mpc.Compiler;

/// <summary>A function of each element.</summary>
/// <param name="Name">Name for messages and the plan.</param>
/// <param name="Input">Layer whose result goes in.</param>
/// <param name="Kind">Which function.</param>
/// <param name="Count">Elements.</param>
public sealed record ActivationLayer(string Name, int Input, ActivationKind Kind, int Count) : NetworkLayer(Name, [Input])
{
    /// <inheritdoc/>
    public override string OperatorName => Kind.ToString();

    /// <inheritdoc/>
    public override int OutputCount => Count;

    /// <inheritdoc/>
    public override int InputCount => Count;

    private PiecewisePolynomial? Approximation => Kind switch
    {
        ActivationKind.Tanh => Activation.Tanh,
        ActivationKind.Sigmoid => Activation.Sigmoid,
        ActivationKind.Gelu => Activation.Gelu,
        _ => null,
    };

    /// <inheritdoc/>
    /// <remarks>In the clear the approximation is used: its deviation from the exact function is the compiler's, not the protocol's, and is compared end to end.</remarks>
    public override double[] Compute(IReadOnlyList<double[]> inputs)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        return Array.ConvertAll(inputs[0], x => Approximation?.Evaluate(x) ?? Math.Max(x, 0));
    }

    /// <inheritdoc/>
    public override double SignRange(IReadOnlyList<double[]> inputs)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        double threshold = Approximation?.Thresholds.Max(Math.Abs) ?? 0;
        return inputs[0].Max(Math.Abs) + threshold;
    }

    /// <inheritdoc/>
    public override SharedTensor Run(ITensorProtocol protocol, IReadOnlyList<SharedTensor> inputs, IReadOnlyList<SharedTensor> secrets, FixedPoint point, LayerRange range)
    {
        ArgumentNullException.ThrowIfNull(range);
        return Approximation?.Evaluate(protocol, inputs[0], point, range.SignWidth) ?? Activation.Relu(protocol, inputs[0], range.SignWidth);
    }
}

/// <summary>Functions of one element.</summary>
public enum ActivationKind
{
    /// <summary>max(x, 0), exact.</summary>
    Relu,

    /// <summary>tanh x, approximated.</summary>
    Tanh,

    /// <summary>1 / (1 + e^-x), approximated.</summary>
    Sigmoid,

    /// <summary>x · Φ(x), approximated.</summary>
    Gelu,
}
