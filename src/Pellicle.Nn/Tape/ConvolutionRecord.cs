using Pellicle.Tensors;

namespace Pellicle.Nn;

/// <summary>Record of a convolution: its unfolded windows are rows, as in a linear layer, per group.</summary>
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
            long groups = _convolution.Geometry.Groups;
            return new(_positions, _convolution.Weight.Count / _convolution.Weight.Shape[0], _convolution.Weight.Shape[0] / groups, groups);
        }
    }

    private Parameter? Bias => _convolution.Bias is { IsTrainable: true } bias ? bias : null;

    public override bool HasRows => _input is not null;

    public override RowProduct? Rows()
    {
        if (_input is null)
        {
            return null;
        }

        Tensor gradient = RequireOutputGradient();
        RecordShape shape = Shape;
        Tensor rows = _convolution.Geometry.Unfold(_input, _positions);
        Tensor g = gradient.Reshape(gradient.Size(0), shape.Groups, shape.OutputWidth, _positions).Transpose();
        return new RowProduct(_convolution.Weight, Bias, rows, g);
    }

    public override IReadOnlyList<DirectGradient> Direct()
    {
        if (Bias is not { } bias || _input is not null)
        {
            return [];
        }

        Tensor gradient = RequireOutputGradient();
        return [new DirectGradient(bias, gradient.Reshape(gradient.Size(0), -1, _positions).Sum(2))];
    }
}
