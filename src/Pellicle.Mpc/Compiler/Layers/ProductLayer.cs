using Pellicle.Mpc.Core;
using Pellicle.Mpc.Protocols;

namespace Pellicle.Mpc.Compiler.Layers;

/// <summary>Matrix products of two results: [products, rows, depth] · [products, depth, columns].</summary>
/// <param name="Name">Name for messages and the plan.</param>
/// <param name="Left">Layer of the left factors.</param>
/// <param name="Right">Layer of the right factors.</param>
/// <param name="Map">Shape, for one image.</param>
/// <param name="Batch">Images, innermost in all three.</param>
public sealed record ProductLayer(string Name, int Left, int Right, ProductMap Map, int Batch = 1) : NetworkLayer(Name, [Left, Right])
{
    /// <inheritdoc/>
    public override string OperatorName => "MatMul";

    /// <inheritdoc/>
    public override int OutputCount => checked(Map.OutputCount * Batch);

    /// <inheritdoc/>
    public override int InputCount => CountOf(0);

    /// <inheritdoc/>
    public override int CountOf(int input) => checked((input == 0 ? Map.WeightCount : Map.InputCount) * Batch);

    /// <inheritdoc/>
    public override NetworkLayer ForImages(int images) => this with { Batch = checked(Batch * images) };

    /// <inheritdoc/>
    public override double[] Compute(IReadOnlyList<double[]> inputs)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        var result = new double[OutputCount];
        for (int i = 0; i < Map.OutputCount; i++)
        {
            int column = i % Map.Columns, row = i / Map.Columns % Map.Rows, product = i / (Map.Columns * Map.Rows);
            for (int n = 0; n < Batch; n++)
            {
                double sum = 0;
                for (int k = 0; k < Map.Depth; k++)
                {
                    sum += inputs[0][(((((product * Map.Rows) + row) * Map.Depth) + k) * Batch) + n] * inputs[1][(((((product * Map.Depth) + k) * Map.Columns) + column) * Batch) + n];
                }

                result[(i * Batch) + n] = sum;
            }
        }

        return result;
    }

    /// <inheritdoc/>
    public override SharedTensor Run(ITensorProtocol protocol, IReadOnlyList<SharedTensor> inputs, IReadOnlyList<SharedTensor> secrets, FixedPoint point, LayerRange range)
    {
        ArgumentNullException.ThrowIfNull(protocol);
        ArgumentNullException.ThrowIfNull(inputs);
        if (Batch == 1)
        {
            return protocol.Linear(Map, inputs[0], inputs[1], null, point.FractionalBits);
        }

        // Each image is a group of products of its own: images outermost, and back.
        SharedTensor left = inputs[0].Gather(IndexMap.Transposed(Map.WeightCount, Batch).Places()), right = inputs[1].Gather(IndexMap.Transposed(Map.InputCount, Batch).Places());
        return protocol.Linear(Map.ForImages(Batch), left, right, null, point.FractionalBits).Gather(IndexMap.Transposed(Batch, Map.OutputCount).Places());
    }
}
