using Pellicle.Tensors;

namespace Pellicle.Nn;

/// <summary>A small parameter's gradient in full for every image.</summary>
/// <param name="Parameter">The parameter, with P elements.</param>
/// <param name="PerImage">[N, P].</param>
public sealed record DirectGradient(Parameter Parameter, Tensor PerImage);
