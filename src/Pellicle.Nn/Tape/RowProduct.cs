using Pellicle.Tensors;

namespace Pellicle.Nn;

/// <summary>A weight gradient as a sum of outer products: for image n and group h, Σ_t g_t a_tᵀ; the bias gradient is Σ_t g_t.</summary>
/// <param name="Weight">Its elements in row-major order are [H·p, d].</param>
/// <param name="Bias">[H·p], or null if there is none or it is frozen.</param>
/// <param name="Inputs">Rows a [N, H, T, d].</param>
/// <param name="Gradients">Rows g [N, H, T, p].</param>
public sealed record RowProduct(Parameter Weight, Parameter? Bias, Tensor Inputs, Tensor Gradients);
