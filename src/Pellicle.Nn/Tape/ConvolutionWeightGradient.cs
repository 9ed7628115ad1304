using Pellicle.Tensors;

namespace Pellicle.Nn;

/// <summary>Weight gradient of a convolution: images [N, C, H, W], gradients [N, K, H', W'].</summary>
internal sealed class ConvolutionWeightGradient(Parameter weight, Parameter? bias, ConvolutionGeometry geometry, Tensor inputs, Tensor gradients)
    : WeightGradient(weight, bias, inputs, gradients)
{
    public override (Tensor Squared, Tensor Spread) GramNorms(ImageGroups groups) =>
        WindowOperators.ConvGramNorms(Inputs, Gradients, Bias is not null, geometry.Window, geometry.Groups, groups.Offsets());

    public override (Tensor Squared, Tensor? Weights, Tensor? Biases) PerGroup(ImageGroups groups, bool keep) =>
        WindowOperators.ConvSampleGradients(Inputs, Gradients, Bias is not null, keep, geometry.Window, geometry.Groups, groups.Offsets());

    public override (Tensor Weight, Tensor? Bias) WeightedSum(Tensor factors, ImageGroups groups) =>
        WindowOperators.ConvClippedSum(Inputs, Gradients, factors, Bias is not null, geometry.Window, geometry.Groups, groups.Offsets());

    public override WeightGradient OnRows(Tensor inputs, Tensor gradients) => new ConvolutionWeightGradient(Weight, Bias, geometry, inputs, gradients);
}
