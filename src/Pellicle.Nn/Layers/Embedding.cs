using Pellicle.Core.Random;
using Pellicle.Nn.Init;
using Pellicle.Tensors;

namespace Pellicle.Nn;

/// <summary>Table lookup: whole numbers [N, T] → rows [N, T, D].</summary>
/// <remarks>The input may be of a floating type, since numbers below 2²⁴ are exact in float32. It is a first layer: nothing before it is trained.</remarks>
public sealed class Embedding : Layer
{
    /// <summary>Makes the layer with torch's initial values, standard normal.</summary>
    /// <param name="rows">V, 1 to 2²⁴.</param>
    /// <param name="width">D.</param>
    /// <param name="init">Source of initial values.</param>
    public Embedding(int rows, int width, ISeededRandom init)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(rows, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(rows, 1 << 24);
        Weight = AddParameter("weight", Initialization.Normal(init, 1, rows, width));
    }

    /// <summary>The table [V, D].</summary>
    public Parameter Weight { get; }

    /// <inheritdoc/>
    public override Tensor Reference(Tensor input, ReferencePass pass)
    {
        ArgumentNullException.ThrowIfNull(pass);
        return Rows(pass.Of(Weight), input);
    }

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor input, ForwardContext context) =>
        context.Record(this, Rows(Weight.Value, input), o => new ProductRecord(
            this, o, Weight, null, input.To(DType.Float32), new RecordShape(o.Size(1), Weight.Shape[0], Weight.Shape[1]),
            (gradient, _, numbers, _) => new LookupWeightGradient(Weight, numbers, gradient)));

    private static Tensor Rows(Tensor table, Tensor numbers) =>
        table.IndexSelect(0, numbers.Reshape(-1).To(DType.Int64)).Reshape(numbers.Size(0), numbers.Size(1), table.Size(1));
}
