using Pellicle.Tensors;

namespace Pellicle.Nn;

/// <summary>Record of y = a Wᵀ + b over any number of leading token dimensions.</summary>
internal sealed class LinearRecord : TapeRecord
{
    private readonly Parameter _weight;
    private readonly Parameter? _bias;
    private readonly Tensor? _input;
    private readonly RecordShape _shape;

    public LinearRecord(Layer layer, Tensor output, Parameter weight, Parameter? bias, Tensor input)
        : base(layer, output)
    {
        _weight = weight;
        _bias = bias is { IsTrainable: true } ? bias : null;
        _input = weight.IsTrainable ? Keep(input) : null;
        long outputWidth = output.Size(-1);
        _shape = new RecordShape(output.Count / output.Size(0) / outputWidth, input.Size(-1), outputWidth);
    }

    public override IReadOnlyList<Parameter> Parameters => [.. new[] { _weight, _bias }.OfType<Parameter>().Where(parameter => parameter.IsTrainable)];

    public override RecordShape Shape => _shape;

    public override bool HasWeight => _input is not null;

    public override WeightGradient? Weight() => _input is null ? null : new LinearWeightGradient(_weight, _bias, _input, RequireOutputGradient());

    public override IReadOnlyList<DirectGradient> Direct(ImageGroups groups)
    {
        if (_bias is null || _input is not null)
        {
            return [];
        }

        Tensor gradient = ForwardContext.InType(RequireOutputGradient(), DType.Float32);
        return [new DirectGradient(_bias, groups.Sum(gradient.Reshape(gradient.Size(0), _shape.Tokens, _shape.OutputWidth).Sum(1)))];
    }

    // With bfloat16 products the gradient is rounded once, here, before any norm is taken: norm and sum see the same values.
    protected override Tensor AsKept(Tensor outputGradient) => _input is null ? outputGradient : ForwardContext.InType(outputGradient, _input.Type);
}
