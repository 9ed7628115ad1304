using Pellicle.Tensors;

namespace Pellicle.Nn;

/// <summary>A small parameter's gradient in full for every group of images.</summary>
/// <param name="Parameter">The parameter, with P elements.</param>
/// <param name="PerGroup">[U, P].</param>
public sealed record DirectGradient(Parameter Parameter, Tensor PerGroup);
