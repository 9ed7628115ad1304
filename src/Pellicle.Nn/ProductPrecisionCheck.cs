using Pellicle.Core.Errors;

namespace Pellicle.Nn;

/// <summary>Checks that a network can run its products in a number format.</summary>
public static class ProductPrecisionCheck
{
    /// <summary>Stops if layers have no form in the format, naming all of them.</summary>
    /// <param name="model">The network.</param>
    /// <param name="precision">The format.</param>
    /// <exception cref="UsageException">There are such layers.</exception>
    public static void Require(Layer model, ProductPrecision precision)
    {
        ArgumentNullException.ThrowIfNull(model);
        Problem[] problems = [.. model.Tree().Where(layer => !layer.Supports(precision)).Select(layer => new Problem(
            layer.DisplayName,
            $"layer '{layer.DisplayName}' ({layer.Kind}) has no products in {Name(precision)}.",
            "Use --precision float32, or a vision transformer."))];
        if (problems.Length > 0)
        {
            string layers = string.Join(", ", problems.Take(3).Select(problem => $"'{problem.Where}'")) + (problems.Length > 3 ? $", … ({problems.Length} layers)" : "");
            throw new UsageException(
                $"--precision {Name(precision)} is not possible with {layers}: expected linear layers and attention only, whose products have that form, and found {model.Tree().First(layer => !layer.Supports(precision)).Kind}.",
                problems[0].Hint,
                problems);
        }
    }

    private static string Name(ProductPrecision precision) => precision == ProductPrecision.Bfloat16 ? "bfloat16" : "float32";
}
