using Pellicle.Tensors;

namespace Pellicle.Nn;

/// <summary>Record of y = x̂ ∘ γ + β over channels, as in normalisation layers: gradients Σ g ∘ x̂ and Σ g of each group.</summary>
internal sealed class AffineRecord : TapeRecord
{
    private readonly Parameter _scale;
    private readonly Parameter _shift;
    private readonly Tensor[] _inputs;
    private readonly PerGroupGradients _perGroup;

    public AffineRecord(Layer layer, Tensor output, Parameter scale, Parameter shift, PerGroupGradients perGroup, params Tensor[] kept)
        : base(layer, output)
    {
        _scale = scale;
        _shift = shift;
        _perGroup = perGroup;
        _inputs = Array.ConvertAll(kept, Keep);
    }

    /// <summary>Gradients of γ and β, each [U, d], from the output gradient and what the record kept.</summary>
    internal delegate (Tensor Scale, Tensor Shift) PerGroupGradients(Tensor gradient, Tensor[] kept, ImageGroups groups);

    public override IReadOnlyList<Parameter> Parameters => [.. new[] { _scale, _shift }.Where(parameter => parameter.IsTrainable)];

    public override RecordShape Shape => new(Output.Count / Output.Size(0) / _scale.Count, _scale.Count, _scale.Count);

    public override IReadOnlyList<DirectGradient> Direct(ImageGroups groups)
    {
        (Tensor scale, Tensor shift) = _perGroup(RequireOutputGradient(), _inputs, groups);
        return [.. new[] { new DirectGradient(_scale, scale), new DirectGradient(_shift, shift) }.Where(gradient => gradient.Parameter.IsTrainable)];
    }
}
