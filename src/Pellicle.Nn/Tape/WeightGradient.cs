using Pellicle.Tensors;

namespace Pellicle.Nn;

/// <summary>The gradient of a weight matrix (and bias) as sums of outer products, not yet formed: Σ_t g_t a_tᵀ over rows a of the input and g of the
/// output gradient. For a convolution the rows of the input are its windows.</summary>
/// <param name="weight">The weight.</param>
/// <param name="bias">The bias, or null if there is none or it is frozen.</param>
/// <param name="inputs">Input of the layer [N, ...].</param>
/// <param name="gradients">Derivative of the loss sum with respect to the output [N, ...].</param>
public abstract class WeightGradient(Parameter weight, Parameter? bias, Tensor inputs, Tensor gradients)
{
    /// <summary>The weight.</summary>
    public Parameter Weight { get; } = weight;

    /// <summary>The bias, or null if there is none or it is frozen.</summary>
    public Parameter? Bias { get; } = bias;

    /// <summary>Input of the layer [N, ...].</summary>
    public Tensor Inputs { get; } = inputs;

    /// <summary>Derivative of the loss sum with respect to the output [N, ...].</summary>
    public Tensor Gradients { get; } = gradients;

    /// <summary>Squared norms without forming gradients, and s² = (Σ_t ‖a_t‖‖g_t‖)², which bounds their rounding error.</summary>
    /// <param name="groups">Images that belong together.</param>
    /// <returns>n² and s², each [U], float64; the bias is in n² only.</returns>
    public abstract (Tensor Squared, Tensor Spread) GramNorms(ImageGroups groups);

    /// <summary>Squared norms by forming each group's gradient.</summary>
    /// <param name="groups">Images that belong together.</param>
    /// <param name="keep">False forgets the gradients.</param>
    /// <returns>n² [U], float64; weight gradients [U, ...] if kept; bias gradients [U, p] if any.</returns>
    public abstract (Tensor Squared, Tensor? Weights, Tensor? Biases) PerGroup(ImageGroups groups, bool keep);

    /// <summary>Σ_u c_u times the gradient of group u.</summary>
    /// <param name="factors">c [U].</param>
    /// <param name="groups">Images that belong together.</param>
    /// <returns>As many elements as the weight, and as the bias if any.</returns>
    public abstract (Tensor Weight, Tensor? Bias) WeightedSum(Tensor factors, ImageGroups groups);

    /// <summary>The same for other rows: a part of the images, or copies.</summary>
    /// <param name="inputs">[M, ...].</param>
    /// <param name="gradients">[M, ...].</param>
    public abstract WeightGradient OnRows(Tensor inputs, Tensor gradients);
}
