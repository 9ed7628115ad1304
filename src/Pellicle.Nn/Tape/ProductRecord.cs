using Pellicle.Tensors;

namespace Pellicle.Nn;

/// <summary>Record of a layer with output [N, K, ...] whose weight gradient is a sum of products: convolutions in any dimension, transposed and reparametrised ones.</summary>
internal sealed class ProductRecord : TapeRecord
{
    private readonly Parameter _weight;
    private readonly Parameter? _bias;
    private readonly Tensor? _input;
    private readonly Tensor[] _kept;
    private readonly Form _form;

    public ProductRecord(Layer layer, Tensor output, Parameter weight, Parameter? bias, Tensor input, RecordShape shape, Form form, params Tensor[] kept)
        : base(layer, output)
    {
        _weight = weight;
        _bias = bias is { IsTrainable: true } ? bias : null;
        _input = weight.IsTrainable ? Keep(input) : null;
        _kept = weight.IsTrainable ? Array.ConvertAll(kept, Keep) : [];
        _form = form;
        Shape = shape;
    }

    /// <summary>Makes the weight gradient.</summary>
    /// <param name="gradient">Of the output.</param>
    /// <param name="bias">The bias, if it is trained and belongs to the products.</param>
    /// <param name="input">Input of the layer.</param>
    /// <param name="kept">What else the record kept.</param>
    internal delegate WeightGradient Form(Tensor gradient, Parameter? bias, Tensor input, Tensor[] kept);

    /// <summary>The bias gradient is given in full beside the weight's, because the rows of the product are not those of the output.</summary>
    public bool HasSeparateBias { get; init; }

    public override IReadOnlyList<Parameter> Parameters => [.. new[] { _weight, _bias }.OfType<Parameter>().Where(parameter => parameter.IsTrainable)];

    public override RecordShape Shape { get; }

    public override bool HasWeight => _input is not null;

    public override WeightGradient? Weight() => _input is null ? null : _form(RequireOutputGradient(), HasSeparateBias ? null : _bias, _input, _kept);

    public override IReadOnlyList<DirectGradient> Direct(ImageGroups groups)
    {
        if (_bias is null || (_input is not null && !HasSeparateBias))
        {
            return [];
        }

        Tensor gradient = RequireOutputGradient();
        return [new DirectGradient(_bias, groups.Sum(gradient.Reshape(gradient.Size(0), gradient.Size(1), -1).Sum(2)))];
    }
}
