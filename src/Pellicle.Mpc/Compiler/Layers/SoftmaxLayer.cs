using Pellicle.Mpc.Core;
using Pellicle.Mpc.Operators;
using Pellicle.Mpc.Protocols;

namespace Pellicle.Mpc.Compiler.Layers;

/// <summary>Softmax of each row of [row][entry][image].</summary>
/// <param name="Name">Name for messages and the plan.</param>
/// <param name="Input">Layer whose result goes in.</param>
/// <param name="Rows">Rows of one image.</param>
/// <param name="Length">Entries of a row, 2 to 4,096.</param>
/// <param name="Batch">Images.</param>
public sealed record SoftmaxLayer(string Name, int Input, int Rows, int Length, int Batch = 1) : NetworkLayer(Name, [Input])
{
    /// <inheritdoc/>
    public override string OperatorName => "Softmax";

    /// <inheritdoc/>
    public override int OutputCount => checked(Rows * Length * Batch);

    /// <inheritdoc/>
    public override int InputCount => OutputCount;

    /// <inheritdoc/>
    public override string? Approximation => "exp by a piecewise polynomial within 2e-4, reciprocal by Newton steps";

    /// <inheritdoc/>
    public override NetworkLayer ForImages(int images) => this with { Batch = checked(Batch * images) };

    /// <inheritdoc/>
    public override double[] Compute(IReadOnlyList<double[]> inputs)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        var result = new double[OutputCount];
        ForEachRow(inputs[0], (row, places) =>
        {
            double maximum = row.Max();
            double[] exponentials = Array.ConvertAll(row, x => Math.Exp(x - maximum));
            double sum = exponentials.Sum();
            for (int i = 0; i < row.Length; i++)
            {
                result[places + (i * Batch)] = exponentials[i] / sum;
            }
        });
        return result;
    }

    /// <inheritdoc/>
    public override double SignRange(IReadOnlyList<double[]> inputs)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        double largest = 0;
        ForEachRow(inputs[0], (row, _) => largest = Math.Max(largest, row.Max() - row.Min()));
        return largest + Activation.Exp.Thresholds.Max(Math.Abs);
    }

    /// <inheritdoc/>
    public override SharedTensor Run(ITensorProtocol protocol, IReadOnlyList<SharedTensor> inputs, IReadOnlyList<SharedTensor> secrets, FixedPoint point, LayerRange range)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        ArgumentNullException.ThrowIfNull(range);
        IndexMap outermost = IndexMap.Transposed(Rows, Length) with { Batch = Batch }, back = IndexMap.Transposed(Length, Rows) with { Batch = Batch };
        return Softmax.Evaluate(protocol, inputs[0].Gather(outermost.Places()), Length, point, range.SignWidth).Gather(back.Places());
    }

    private void ForEachRow(double[] values, Action<double[], int> action)
    {
        for (int r = 0; r < Rows * Batch; r++)
        {
            int first = (r / Batch * Length * Batch) + (r % Batch);
            action([.. Enumerable.Range(0, Length).Select(i => values[first + (i * Batch)])], first);
        }
    }
}
