using Pellicle.Tensors;

namespace Pellicle.Nn;

/// <summary>Gradient of a table from which rows are looked up: numbers [N, T] (float32, whole), gradients [N, T, D].</summary>
/// <remarks>The gradient of a unit has as many rows as it names different numbers, so its norm is had exactly by adding the gradients of
/// equal numbers, without the table ("same number" in place of the products of input rows).</remarks>
internal sealed class LookupWeightGradient(Parameter weight, Tensor numbers, Tensor gradients)
    : WeightGradient(weight, null, numbers, gradients)
{
    private const double UnitRoundoff = 1.0 / (1 << 24);

    public override (Tensor Squared, Tensor Spread) GramNorms(ImageGroups groups)
    {
        // Measured in double; what is added up later is a float32 sum, whose rounding is part of the norm here (Higham 2002, section 4.2).
        double[] squared = new double[groups.Count];
        ReadOnlySpan<float> number = Inputs.Contiguous().Data<float>();
        ReadOnlySpan<float> gradient = Gradients.Contiguous().Data<float>();
        int tokens = (int)Inputs.Size(1);
        int width = (int)Gradients.Size(2);
        var rows = new Dictionary<int, double[]>();
        for (int u = 0; u < groups.Count; u++)
        {
            rows.Clear();
            double lengths = 0;
            int first = groups.Begin(u) * tokens;
            int count = groups.SizeOf(u) * tokens;
            for (int t = first; t < first + count; t++)
            {
                if (!rows.TryGetValue((int)number[t], out double[]? row))
                {
                    rows[(int)number[t]] = row = new double[width];
                }

                double length = 0;
                for (int k = 0; k < width; k++)
                {
                    double value = gradient[(t * width) + k];
                    row[k] += value;
                    length += value * value;
                }

                lengths += Math.Sqrt(length);
            }

            double norm = Math.Sqrt(rows.Values.Sum(row => row.Sum(value => value * value)));
            squared[u] = Math.Pow(norm + ((count + 2) * UnitRoundoff * lengths), 2);
        }

        return (Tensor.From<double>(squared, squared.Length), Tensor.Zeros(DType.Float64, squared.Length));
    }

    public override (Tensor Squared, Tensor? Weights, Tensor? Biases) PerGroup(ImageGroups groups, bool keep)
    {
        if (!keep)
        {
            return (GramNorms(groups).Squared, null, null);
        }

        long rows = Weight.Shape[0];
        long width = Weight.Shape[1];
        Tensor tables = Tensor.Zeros(groups.Count * rows, width);
        NnOperators.IndexAddInPlace.Apply(tables, 0, Places(groups, rows), Gradients.Reshape(-1, width));
        Tensor weights = tables.Reshape(groups.Count, rows, width);
        return (PellicleOperators.SquaredRowNorms.Call(weights), weights, null);
    }

    public override (Tensor Weight, Tensor? Bias) WeightedSum(Tensor factors, ImageGroups groups)
    {
        long width = Weight.Shape[1];
        double[] ofUnit = factors.To(DType.Float64).ToArray<double>();
        float[] ofImage = new float[groups.Images];
        for (int u = 0; u < groups.Count; u++)
        {
            ofImage.AsSpan(groups.Begin(u), groups.SizeOf(u)).Fill((float)ofUnit[u]);
        }

        Tensor scaled = Gradients * Tensor.From<float>(ofImage, ofImage.Length, 1, 1);
        Tensor sum = Tensor.Zeros(Weight.Shape[0], width);
        NnOperators.IndexAddInPlace.Apply(sum, 0, Inputs.Reshape(-1).To(DType.Int64), scaled.Reshape(-1, width));
        return (sum, null);
    }

    public override WeightGradient OnRows(Tensor inputs, Tensor gradients) => new LookupWeightGradient(Weight, inputs, gradients);

    // Row of the stacked tables, one table a unit, that each token belongs to.
    private Tensor Places(ImageGroups groups, long rows)
    {
        float[] numbers = Inputs.ToArray<float>();
        long[] places = new long[numbers.Length];
        int tokens = (int)Inputs.Size(1);
        for (int u = 0; u < groups.Count; u++)
        {
            int first = groups.Begin(u) * tokens;
            for (int t = first; t < first + (groups.SizeOf(u) * tokens); t++)
            {
                places[t] = (u * rows) + (long)numbers[t];
            }
        }

        return Tensor.From<long>(places, places.Length);
    }
}
