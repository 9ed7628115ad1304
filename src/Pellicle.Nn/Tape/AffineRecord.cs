using Pellicle.Tensors;

namespace Pellicle.Nn;

/// <summary>Record of y = x̂ ∘ γ + β over channels, as in normalisation layers: per-image gradients Σ g ∘ x̂ and Σ g.</summary>
internal sealed class AffineRecord : TapeRecord
{
    private readonly Parameter _scale;
    private readonly Parameter _shift;
    private readonly Func<Tensor, (Tensor Scale, Tensor Shift)> _perImage;

    /// <summary>Makes the record.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="output">Its output.</param>
    /// <param name="scale">γ.</param>
    /// <param name="shift">β.</param>
    /// <param name="kept">Tensors to keep.</param>
    /// <param name="perImage">Output gradient and kept tensors → per-image gradients of γ and β, each [N, d].</param>
    public AffineRecord(Layer layer, Tensor output, Parameter scale, Parameter shift, Tensor[] kept, Func<Tensor, Tensor[], (Tensor Scale, Tensor Shift)> perImage)
        : base(layer, output)
    {
        _scale = scale;
        _shift = shift;
        Tensor[] own = Array.ConvertAll(kept, Keep);
        _perImage = gradient => perImage(gradient, own);
    }

    public override IReadOnlyList<Parameter> Parameters => [.. new[] { _scale, _shift }.Where(parameter => parameter.IsTrainable)];

    public override RecordShape Shape => new(Output.Count / Output.Size(0) / _scale.Count, _scale.Count, _scale.Count);

    public override IReadOnlyList<DirectGradient> Direct()
    {
        (Tensor scale, Tensor shift) = _perImage(RequireOutputGradient());
        return [.. new[] { new DirectGradient(_scale, scale), new DirectGradient(_shift, shift) }.Where(gradient => gradient.Parameter.IsTrainable)];
    }
}
