using Pellicle.Mpc.Core;
using Pellicle.Mpc.Protocols;

namespace Pellicle.Mpc.Compiler.Layers;

/// <summary>A rearrangement of elements. Local.</summary>
/// <param name="Name">Name for messages and the plan.</param>
/// <param name="Input">Layer whose result goes in.</param>
/// <param name="Operation">Operator it stands for, such as Transpose.</param>
/// <param name="Map">Which elements.</param>
public sealed record IndexLayer(string Name, int Input, string Operation, IndexMap Map) : NetworkLayer(Name, [Input])
{
    /// <inheritdoc/>
    public override string OperatorName => Operation;

    /// <inheritdoc/>
    public override int OutputCount => Map.OutputCount;

    /// <inheritdoc/>
    public override int InputCount => checked(Map.InputCount * Map.Batch);

    /// <inheritdoc/>
    public override NetworkLayer ForImages(int images) => this with { Map = Map with { Batch = checked(Map.Batch * images) } };

    /// <inheritdoc/>
    public override double[] Compute(IReadOnlyList<double[]> inputs)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        return Array.ConvertAll(Map.Places(), place => place < 0 ? 0 : inputs[0][place]);
    }

    /// <inheritdoc/>
    public override SharedTensor Run(ITensorProtocol protocol, IReadOnlyList<SharedTensor> inputs, IReadOnlyList<SharedTensor> secrets, FixedPoint point, LayerRange range)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        return inputs[0].Gather(Map.Places());
    }
}
