using Pellicle.Tensors;

namespace Pellicle.Nn;

/// <summary>Record of y = … + v ∘ γ with one γ a channel, or one in all: the gradient of a group is Σ g ∘ v over its positions.</summary>
internal sealed class ScaleRecord : TapeRecord
{
    private readonly Parameter _scale;
    private readonly Tensor _factor;
    private readonly int _channelDimension;

    public ScaleRecord(Layer layer, Tensor output, Parameter scale, Tensor factor, int channelDimension)
        : base(layer, output)
    {
        _scale = scale;
        _factor = Keep(factor);
        _channelDimension = channelDimension;
    }

    public override IReadOnlyList<Parameter> Parameters => [_scale];

    public override RecordShape Shape => new(Output.Count / Output.Size(0) / _scale.Count, _scale.Count, _scale.Count);

    public override IReadOnlyList<DirectGradient> Direct(ImageGroups groups)
    {
        Tensor product = RequireOutputGradient() * _factor;
        long n = product.Size(0);
        Tensor perImage = _scale.Count == 1 ? product.Reshape(n, -1).Sum(1, true)
            : _channelDimension == -1 ? product.Reshape(n, -1, _scale.Count).Sum(1)
            : product.Reshape(n, _scale.Count, -1).Sum(2);
        return [new DirectGradient(_scale, groups.Sum(perImage))];
    }
}
