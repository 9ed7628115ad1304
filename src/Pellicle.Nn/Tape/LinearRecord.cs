using Pellicle.Tensors;

namespace Pellicle.Nn;

/// <summary>Record of y = a Wᵀ + b over any number of leading token dimensions.</summary>
internal sealed class LinearRecord : TapeRecord
{
    private readonly Parameter _weight;
    private readonly Parameter? _bias;
    private readonly Tensor? _input;
    private readonly long _outputWidth;
    private readonly long _inputWidth;
    private readonly long _tokens;

    public LinearRecord(Layer layer, Tensor output, Parameter weight, Parameter? bias, Tensor input)
        : base(layer, output)
    {
        _weight = weight;
        _bias = bias is { IsTrainable: true } ? bias : null;
        _input = weight.IsTrainable ? Keep(input) : null;
        _inputWidth = input.Size(-1);
        _outputWidth = output.Size(-1);
        _tokens = output.Count / output.Size(0) / _outputWidth;
    }

    public override IReadOnlyList<Parameter> Parameters => [.. new[] { _weight, _bias }.OfType<Parameter>().Where(parameter => parameter.IsTrainable)];

    public override RecordShape Shape => new(_tokens, _inputWidth, _outputWidth);

    public override bool HasRows => _input is not null;

    public override RowProduct? Rows()
    {
        if (_input is null)
        {
            return null;
        }

        Tensor gradient = RequireOutputGradient();
        long n = gradient.Size(0);
        return new RowProduct(_weight, _bias, _input.Reshape(n, 1, _tokens, _inputWidth), gradient.Reshape(n, 1, _tokens, _outputWidth));
    }

    public override IReadOnlyList<DirectGradient> Direct()
    {
        if (_bias is null || _input is not null)
        {
            return [];
        }

        Tensor gradient = RequireOutputGradient();
        return [new DirectGradient(_bias, gradient.Reshape(gradient.Size(0), _tokens, _outputWidth).Sum(1))];
    }
}
