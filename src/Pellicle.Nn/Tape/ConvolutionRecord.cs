using Pellicle.Tensors;

namespace Pellicle.Nn;

/// <summary>Record of a convolution: its windows are rows, as in a linear layer, per channel group.</summary>
internal sealed class ConvolutionRecord : TapeRecord
{
    private readonly Conv2d _convolution;
    private readonly Tensor? _input;
    private readonly long _positions;

    public ConvolutionRecord(Conv2d layer, Tensor output, Tensor input)
        : base(layer, output)
    {
        _convolution = layer;
        _input = layer.Weight.IsTrainable ? Keep(input) : null;
        _positions = output.Size(2) * output.Size(3);
    }

    public override IReadOnlyList<Parameter> Parameters => [.. Layer.OwnParameters.Where(parameter => parameter.IsTrainable)];

    public override RecordShape Shape
    {
        get
        {
            IReadOnlyList<long> shape = _convolution.Weight.Shape;
            long groups = _convolution.Geometry.Groups;
            return new RecordShape(_positions, _convolution.Weight.Count / shape[0], shape[0] / groups, groups);
        }
    }

    public override bool HasWeight => _input is not null;

    private Parameter? Bias => _convolution.Bias is { IsTrainable: true } bias ? bias : null;

    public override WeightGradient? Weight() =>
        _input is null ? null : new ConvolutionWeightGradient(_convolution.Weight, Bias, _convolution.Geometry, _input, RequireOutputGradient());

    public override IReadOnlyList<DirectGradient> Direct(ImageGroups groups)
    {
        if (Bias is not { } bias || _input is not null)
        {
            return [];
        }

        Tensor gradient = RequireOutputGradient();
        return [new DirectGradient(bias, groups.Sum(gradient.Reshape(gradient.Size(0), -1, _positions).Sum(2)))];
    }
}
