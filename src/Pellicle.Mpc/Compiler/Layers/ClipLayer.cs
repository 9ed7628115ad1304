using Pellicle.Mpc.Core;
using Pellicle.Mpc.Protocols;

namespace Pellicle.Mpc.Compiler.Layers;

/// <summary>Values cut to a range, exact: low + max(x - low, 0) - max(x - high, 0), both comparisons in one flight.</summary>
/// <param name="Name">Name for messages and the plan.</param>
/// <param name="Input">Layer whose result goes in.</param>
/// <param name="Low">Least value, or null.</param>
/// <param name="High">Largest value, or null; not below <paramref name="Low"/>.</param>
/// <param name="Count">Elements.</param>
public sealed record ClipLayer(string Name, int Input, double? Low, double? High, int Count) : NetworkLayer(Name, [Input])
{
    /// <inheritdoc/>
    public override string OperatorName => "Clip";

    /// <inheritdoc/>
    public override int OutputCount => Count;

    /// <inheritdoc/>
    public override bool IsElementwise => true;

    /// <inheritdoc/>
    public override int InputCount => Count;

    /// <inheritdoc/>
    public override NetworkLayer ForImages(int images) => this with { Count = checked(Count * images) };

    /// <inheritdoc/>
    public override double[] Compute(IReadOnlyList<double[]> inputs)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        return Array.ConvertAll(inputs[0], x => Math.Min(Math.Max(x, Low ?? x), High ?? double.PositiveInfinity));
    }

    /// <inheritdoc/>
    public override double SignRange(IReadOnlyList<double[]> inputs)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        return inputs[0].Max(Math.Abs) + Math.Max(Math.Abs(Low ?? 0), Math.Abs(High ?? 0));
    }

    /// <inheritdoc/>
    public override SharedTensor Run(ITensorProtocol protocol, IReadOnlyList<SharedTensor> inputs, IReadOnlyList<SharedTensor> secrets, FixedPoint point, LayerRange range)
    {
        ArgumentNullException.ThrowIfNull(protocol);
        ArgumentNullException.ThrowIfNull(inputs);
        ArgumentNullException.ThrowIfNull(range);
        int n = inputs[0].Count; // all elements, or a chunk of them
        ulong[] bounds = [.. new[] { Low, High }.Where(bound => bound is not null).Select(bound => point.Encode(bound!.Value))];
        SharedTensor above = SharedTensor.Concatenate([.. bounds.Select(bound => protocol.AddPublic(inputs[0], Filled(n, 0 - bound)))]);
        SharedTensor rest = protocol.SelectShare(protocol.IsNonNegative(above, range.SignWidth), above);
        SharedTensor clipped = Low is null ? inputs[0] : protocol.AddPublic(rest.Slice(0, n), Filled(n, bounds[0]));
        return High is null ? clipped : clipped.Subtract(rest.Slice((bounds.Length - 1) * n, n));
    }

    private static ulong[] Filled(int count, ulong value)
    {
        var values = new ulong[count];
        Array.Fill(values, value);
        return values;
    }
}
