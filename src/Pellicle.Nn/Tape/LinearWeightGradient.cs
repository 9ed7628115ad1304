using Pellicle.Tensors;

namespace Pellicle.Nn;

/// <summary>Weight gradient of a linear layer: a [N, T, d], g [N, T, p].</summary>
internal sealed class LinearWeightGradient(Parameter weight, Parameter? bias, Tensor inputs, Tensor gradients)
    : WeightGradient(weight, bias, inputs, gradients)
{
    public override (Tensor Squared, Tensor Spread) GramNorms(ImageGroups groups)
    {
        Tensor?[] results = PellicleOperators.GramNorms.CallMany(2, Inputs, Gradients, Bias is not null, groups.Offsets());
        return (results[0]!, results[1]!);
    }

    public override (Tensor Squared, Tensor? Weights, Tensor? Biases) PerGroup(ImageGroups groups, bool keep)
    {
        Tensor?[] results = PellicleOperators.SampleGradients.CallMany(3, Inputs, Gradients, Bias is not null, keep, groups.Offsets());
        return (results[0]!, results[1], results[2]);
    }

    public override (Tensor Weight, Tensor? Bias) WeightedSum(Tensor factors, ImageGroups groups)
    {
        Tensor?[] results = PellicleOperators.ClippedSum.CallMany(2, Inputs, Gradients, factors, Bias is not null, groups.Offsets());
        return (results[0]!, results[1]);
    }

    public override WeightGradient OnRows(Tensor inputs, Tensor gradients) => new LinearWeightGradient(Weight, Bias, inputs, gradients);
}
