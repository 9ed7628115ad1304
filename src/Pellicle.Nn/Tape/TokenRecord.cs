using Pellicle.Tensors;

namespace Pellicle.Nn;

/// <summary>Record of S = cat(class token, tokens) + positions: the output gradient itself is the gradient of the position table, its first row that of the class token.</summary>
/// <remarks>Either may be missing: without a class token the table has a row for each token, without positions only the class token is learned.</remarks>
internal sealed class TokenRecord(Layer layer, Tensor output, Parameter? classToken, Parameter? positions) : TapeRecord(layer, output)
{
    public override IReadOnlyList<Parameter> Parameters => [.. new[] { classToken, positions }.OfType<Parameter>().Where(parameter => parameter.IsTrainable)];

    public override RecordShape Shape => new(Output.Size(1), Output.Size(2), Output.Size(2));

    public override IReadOnlyList<DirectGradient> Direct(ImageGroups groups)
    {
        Tensor gradient = RequireOutputGradient();
        long n = gradient.Size(0);
        var result = new List<DirectGradient>(2);
        if (classToken is { IsTrainable: true })
        {
            result.Add(new DirectGradient(classToken, groups.Sum(gradient.Narrow(1, 0, 1).Reshape(n, -1))));
        }

        if (positions is { IsTrainable: true })
        {
            result.Add(new DirectGradient(positions, groups.Sum(gradient.Reshape(n, -1))));
        }

        return result;
    }
}
