using Pellicle.Mpc.Core;
using Pellicle.Mpc.Operators;
using Pellicle.Mpc.Protocols;

namespace Pellicle.Mpc.Compiler.Layers;

/// <summary>The place of the largest of several classes, so that the client learns the class and no logit.</summary>
/// <remarks>Classes that differ by less than a rounding may change places.</remarks>
/// <param name="Name">Name for messages and the plan.</param>
/// <param name="Input">Layer whose result goes in, [class][image].</param>
/// <param name="Classes">How many, at least 2.</param>
/// <param name="Batch">Images.</param>
public sealed record ArgMaxLayer(string Name, int Input, int Classes, int Batch = 1) : NetworkLayer(Name, [Input])
{
    /// <inheritdoc/>
    public override string OperatorName => "ArgMax";

    /// <inheritdoc/>
    public override int OutputCount => Batch;

    /// <inheritdoc/>
    public override int InputCount => checked(Classes * Batch);

    /// <inheritdoc/>
    public override NetworkLayer ForImages(int images) => this with { Batch = checked(Batch * images) };

    /// <inheritdoc/>
    public override double[] Compute(IReadOnlyList<double[]> inputs)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        return [.. Enumerable.Range(0, Batch).Select(n => (double)Enumerable.Range(0, Classes).MaxBy(k => inputs[0][(k * Batch) + n]))];
    }

    /// <inheritdoc/>
    public override double SignRange(IReadOnlyList<double[]> inputs)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        return inputs[0].Max() - inputs[0].Min();
    }

    /// <inheritdoc/>
    public override SharedTensor Run(ITensorProtocol protocol, IReadOnlyList<SharedTensor> inputs, IReadOnlyList<SharedTensor> secrets, FixedPoint point, LayerRange range)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        ArgumentNullException.ThrowIfNull(range);
        SharedTensor place = Maximum.IndexOf(protocol, [.. Enumerable.Range(0, Classes).Select(k => inputs[0].Slice(k * Batch, Batch))], range.SignWidth);
        return place.Scale(1UL << point.FractionalBits);
    }
}
