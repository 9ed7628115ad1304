using Pellicle.Mpc.Core;
using Pellicle.Mpc.Operators;
using Pellicle.Mpc.Protocols;

namespace Pellicle.Mpc.Compiler.Layers;

/// <summary>A function of each element.</summary>
/// <param name="Name">Name for messages and the plan.</param>
/// <param name="Input">Layer whose result goes in.</param>
/// <param name="Function">Which function.</param>
/// <param name="Count">Elements.</param>
public sealed record ActivationLayer(string Name, int Input, ActivationKind Function, int Count) : NetworkLayer(Name, [Input])
{
    /// <inheritdoc/>
    public override string OperatorName => Function.ToString();

    /// <inheritdoc/>
    public override int OutputCount => Count;

    /// <inheritdoc/>
    public override bool IsElementwise => true;

    /// <inheritdoc/>
    public override int InputCount => Count;

    /// <inheritdoc/>
    public override string? Approximation => Function switch
    {
        ActivationKind.Tanh => "piecewise polynomial within 6e-4",
        ActivationKind.Sigmoid => "piecewise polynomial within 4e-4",
        ActivationKind.Gelu => "piecewise polynomial within 3e-4",
        ActivationKind.Elu => "piecewise polynomial within 2e-4",
        ActivationKind.Selu => "piecewise polynomial within 3e-4",
        ActivationKind.Softplus => "piecewise polynomial within 5e-4",
        _ => null,
    };

    private PiecewisePolynomial? Polynomial => Function switch
    {
        ActivationKind.Tanh => Activation.Tanh,
        ActivationKind.Sigmoid => Activation.Sigmoid,
        ActivationKind.Gelu => Activation.Gelu,
        ActivationKind.Elu => Activation.Elu,
        ActivationKind.Selu => Activation.Selu,
        ActivationKind.Softplus => Activation.Softplus,
        _ => null,
    };

    /// <inheritdoc/>
    public override NetworkLayer ForImages(int images) => this with { Count = checked(Count * images) };

    /// <inheritdoc/>
    /// <remarks>In the clear the approximation is used: its deviation from the exact function is the compiler's, not the protocol's, and is compared end to end.</remarks>
    public override double[] Compute(IReadOnlyList<double[]> inputs)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        return Array.ConvertAll(inputs[0], x => Polynomial?.Evaluate(x) ?? Math.Max(x, 0));
    }

    /// <inheritdoc/>
    public override double SignRange(IReadOnlyList<double[]> inputs)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        double threshold = Polynomial?.Thresholds.Max(Math.Abs) ?? 0;
        return inputs[0].Max(Math.Abs) + threshold;
    }

    /// <inheritdoc/>
    public override SharedTensor Run(ITensorProtocol protocol, IReadOnlyList<SharedTensor> inputs, IReadOnlyList<SharedTensor> secrets, FixedPoint point, LayerRange range)
    {
        ArgumentNullException.ThrowIfNull(range);
        return Polynomial?.Evaluate(protocol, inputs[0], point, range.SignWidth) ?? Activation.Relu(protocol, inputs[0], range.SignWidth);
    }
}
