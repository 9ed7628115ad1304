using Pellicle.Mpc.Core;
using Pellicle.Mpc.Protocols;

namespace Pellicle.Mpc.Compiler.Layers;

/// <summary>Sum or difference of two results: a residual connection. Local.</summary>
/// <param name="Name">Name for messages and the plan.</param>
/// <param name="Left">One layer.</param>
/// <param name="Right">The other layer.</param>
/// <param name="Count">Elements.</param>
/// <param name="IsDifference">True subtracts the right one.</param>
public sealed record AddLayer(string Name, int Left, int Right, int Count, bool IsDifference = false) : NetworkLayer(Name, [Left, Right])
{
    /// <inheritdoc/>
    public override string OperatorName => IsDifference ? "Sub" : "Add";

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
        return [.. inputs[0].Zip(inputs[1], (a, b) => IsDifference ? a - b : a + b)];
    }

    /// <inheritdoc/>
    public override SharedTensor Run(ITensorProtocol protocol, IReadOnlyList<SharedTensor> inputs, IReadOnlyList<SharedTensor> secrets, FixedPoint point, LayerRange range)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        return IsDifference ? inputs[0].Subtract(inputs[1]) : inputs[0].Add(inputs[1]);
    }
}
