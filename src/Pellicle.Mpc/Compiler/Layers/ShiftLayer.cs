using System.Text.Json.Serialization;
using Pellicle.Mpc.Core;
using Pellicle.Mpc.Protocols;

namespace Pellicle.Mpc.Compiler.Layers;

/// <summary>Adds a secret constant to each element, such as a table of positions. Local.</summary>
/// <param name="Name">Name for messages and the plan.</param>
/// <param name="Input">Layer whose result goes in.</param>
/// <param name="Count">Elements of one image.</param>
/// <param name="Batch">Images.</param>
[method: JsonConstructor]
public sealed record ShiftLayer(string Name, int Input, int Count, int Batch = 1) : NetworkLayer(Name, [Input])
{
    /// <summary>The constant, one an element of an image; null if read from a plan.</summary>
    [JsonIgnore]
    public float[]? Shift { get; init; }

    /// <inheritdoc/>
    public override string OperatorName => "Add";

    /// <inheritdoc/>
    public override int OutputCount => checked(Count * Batch);

    /// <inheritdoc/>
    public override int InputCount => OutputCount;

    /// <inheritdoc/>
    public override IReadOnlyList<SecretShape> SecretShapes(FixedPoint point) => [new("shift", Count, point.FractionalBits)];

    /// <inheritdoc/>
    public override IReadOnlyList<float[]> SecretValues() => [Known(Shift)];

    /// <inheritdoc/>
    public override NetworkLayer ForImages(int images) => this with { Batch = checked(Batch * images) };

    /// <inheritdoc/>
    public override double[] Compute(IReadOnlyList<double[]> inputs)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        float[] shift = Known(Shift);
        return [.. inputs[0].Select((x, i) => x + shift[i / Batch])];
    }

    /// <inheritdoc/>
    public override SharedTensor Run(ITensorProtocol protocol, IReadOnlyList<SharedTensor> inputs, IReadOnlyList<SharedTensor> secrets, FixedPoint point, LayerRange range)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        ArgumentNullException.ThrowIfNull(secrets);
        return inputs[0].Add(Batch == 1 ? secrets[0] : secrets[0].Gather([.. Enumerable.Range(0, OutputCount).Select(i => i / Batch)]));
    }
}
