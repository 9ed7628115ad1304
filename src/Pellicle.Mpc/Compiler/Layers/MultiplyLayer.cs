using Pellicle.Mpc.Core;
using Pellicle.Mpc.Protocols;

namespace Pellicle.Mpc.Compiler.Layers;

/// <summary>Product of two results, elementwise: gates such as x · sigmoid(x).</summary>
/// <param name="Name">Name for messages and the plan.</param>
/// <param name="Left">One layer.</param>
/// <param name="Right">The other layer.</param>
/// <param name="Count">Elements.</param>
public sealed record MultiplyLayer(string Name, int Left, int Right, int Count) : NetworkLayer(Name, [Left, Right])
{
    /// <inheritdoc/>
    public override string OperatorName => "Mul";

    /// <inheritdoc/>
    public override int OutputCount => Count;

    /// <inheritdoc/>
    public override int InputCount => Count;

    /// <inheritdoc/>
    public override NetworkLayer ForImages(int images) => this with { Count = checked(Count * images) };

    /// <inheritdoc/>
    public override double[] Compute(IReadOnlyList<double[]> inputs)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        return [.. inputs[0].Zip(inputs[1], (a, b) => a * b)];
    }

    /// <inheritdoc/>
    public override SharedTensor Run(ITensorProtocol protocol, IReadOnlyList<SharedTensor> inputs, IReadOnlyList<SharedTensor> secrets, FixedPoint point, LayerRange range)
    {
        ArgumentNullException.ThrowIfNull(protocol);
        ArgumentNullException.ThrowIfNull(inputs);
        return protocol.MultiplySum(inputs[0], inputs[1], Count, null, point.FractionalBits);
    }
}
