using Pellicle.Tensors;

namespace Pellicle.Nn;

/// <summary>Weight gradient of a three-dimensional convolution: padded volumes [N, C, D, H, W], gradients [N, K, D', H', W']. Its windows are
/// written out as rows, per channel group, and then it is a linear layer's.</summary>
internal sealed class VolumeWeightGradient(Parameter weight, Parameter? bias, VolumeGeometry geometry, Tensor inputs, Tensor gradients)
    : WeightGradient(weight, bias, inputs, gradients)
{
    public override (Tensor Squared, Tensor Spread) GramNorms(ImageGroups groups)
    {
        (Tensor Squared, Tensor Spread)[] parts = Array.ConvertAll(Rows(), part => part.GramNorms(groups));

        // The bound γ s² of the error holds for each group, so the sum of s² serves their sum.
        return (Added(Array.ConvertAll(parts, part => part.Squared)), Added(Array.ConvertAll(parts, part => part.Spread)));
    }

    public override (Tensor Squared, Tensor? Weights, Tensor? Biases) PerGroup(ImageGroups groups, bool keep)
    {
        (Tensor Squared, Tensor? Weights, Tensor? Biases)[] parts = Array.ConvertAll(Rows(), part => part.PerGroup(groups, keep));
        return (
            Added(Array.ConvertAll(parts, part => part.Squared)),
            keep ? Tensor.Concatenate(1, Array.ConvertAll(parts, part => part.Weights!)) : null,
            Bias is null ? null : Tensor.Concatenate(1, Array.ConvertAll(parts, part => part.Biases!)));
    }

    public override (Tensor Weight, Tensor? Bias) WeightedSum(Tensor factors, ImageGroups groups)
    {
        (Tensor Weight, Tensor? Bias)[] parts = Array.ConvertAll(Rows(), part => part.WeightedSum(factors, groups));
        return (Tensor.Concatenate(0, Array.ConvertAll(parts, part => part.Weight)), Bias is null ? null : Tensor.Concatenate(0, Array.ConvertAll(parts, part => part.Bias!)));
    }

    public override WeightGradient OnRows(Tensor inputs, Tensor gradients) => new VolumeWeightGradient(Weight, Bias, geometry, inputs, gradients);

    private LinearWeightGradient[] Rows()
    {
        long[] shape = Gradients.Shape;
        long positions = shape[2] * shape[3] * shape[4];
        long channels = Weight.Shape[1];
        long outputs = shape[1] / geometry.Groups;
        Tensor windows = geometry.Windows(Inputs, shape.AsSpan(2));
        Tensor rows = Gradients.Reshape(shape[0], shape[1], positions).Transpose(1, 2);
        return [.. Enumerable.Range(0, geometry.Groups).Select(group => new LinearWeightGradient(
            Weight,
            Bias,
            windows.Narrow(2, group * channels, channels).Reshape(shape[0], positions, channels * geometry.Taps),
            rows.Narrow(2, group * outputs, outputs).Contiguous()))];
    }

    private static Tensor Added(Tensor[] parts) => parts.Skip(1).Aggregate(parts[0], (sum, part) => sum + part);
}
