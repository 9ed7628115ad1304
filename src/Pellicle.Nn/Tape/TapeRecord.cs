using Pellicle.Tensors;

namespace Pellicle.Nn;

/// <summary>What one trainable layer kept of a forward pass, and how its parameters' gradients follow from it.</summary>
/// <remarks>Every gradient is given as one of two forms: sums of outer products of rows (<see cref="WeightGradient"/>: linear layers and
/// convolutions), or small gradients in full (<see cref="DirectGradient"/>: normalisation, tokens, positions).
/// The record owns its tensors.</remarks>
public abstract class TapeRecord
{
    private readonly List<Tensor> _kept = [];

    /// <summary>Starts a record; the output is marked, and becomes a leaf if it depends on no earlier record.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="output">Its output [N, ...].</param>
    protected TapeRecord(Layer layer, Tensor output)
    {
        ArgumentNullException.ThrowIfNull(output);
        Layer = layer;
        Output = Own(output.RequireGradient());
    }

    /// <summary>The layer that ran.</summary>
    public Layer Layer { get; }

    /// <summary>Its output [N, ...]; once differentiated, only the shape is still that of the output, and the elements are gone.</summary>
    public Tensor Output { get; private set; }

    /// <summary>Derivative of the loss sum with respect to the output, same shape, in the type of the products that use it; null if the loss does not depend on it.</summary>
    public Tensor? OutputGradient { get; private set; }

    /// <summary>The trainable parameters whose gradients this record gives.</summary>
    public abstract IReadOnlyList<Parameter> Parameters { get; }

    /// <summary>Rows of one image, their widths on both sides, and groups: what costs depend on.</summary>
    public abstract RecordShape Shape { get; }

    /// <summary>True if <see cref="Weight"/> gives something: the weight of a linear layer or convolution is trained.</summary>
    public virtual bool HasWeight => false;

    /// <summary>The weight gradient in product form, or null if there is none. Made anew at each call, in the caller's scope.</summary>
    public virtual WeightGradient? Weight() => null;

    /// <summary>The gradients given in full per group of images. Made anew at each call, in the caller's scope.</summary>
    /// <param name="groups">Images that belong together.</param>
    public virtual IReadOnlyList<DirectGradient> Direct(ImageGroups groups) => [];

    /// <summary>Frees the recorded tensors; calling it twice is harmless.</summary>
    public void Release()
    {
        _kept.ForEach(tensor => tensor.Dispose());
        _kept.Clear();
    }

    internal void Accept(Tensor? outputGradient, IReadOnlyList<long> outputShape)
    {
        if (outputGradient is not null)
        {
            OutputGradient = Own(AsKept(outputGradient));
            if (OutputGradient != outputGradient)
            {
                outputGradient.Dispose();
            }
        }

        Output = Own(Tensor.Zeros(1).Expand([.. outputShape]));
    }

    /// <summary>The output gradient in the form that norms and sums are taken from.</summary>
    /// <param name="outputGradient">As differentiation gave it.</param>
    /// <returns>The tensor itself, or another one in its place.</returns>
    protected virtual Tensor AsKept(Tensor outputGradient) => outputGradient;

    /// <summary>Keeps a tensor until release, outside the derivative graph.</summary>
    /// <param name="tensor">Shared, not copied.</param>
    protected Tensor Keep(Tensor tensor)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        return Own(tensor.Detach());
    }

    /// <summary>The output gradient, or an error if the loss does not depend on the output.</summary>
    protected Tensor RequireOutputGradient() =>
        OutputGradient ?? throw new InvalidOperationException($"Layer '{Layer.DisplayName}' has no output gradient: call Differentiate first, and skip records without one.");

    private Tensor Own(Tensor tensor)
    {
        _kept.Add(tensor.Detached());
        return tensor;
    }
}
