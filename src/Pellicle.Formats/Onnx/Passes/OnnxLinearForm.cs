using Pellicle.Formats.Onnx.Operators;

namespace Pellicle.Formats.Onnx.Passes;

/// <summary>Brings fully connected layers to one form, y = x Wᵀ + b (Gemm with transB 1, alpha and beta 1), and Reshape to [N, rest] to Flatten.</summary>
public static class OnnxLinearForm
{
    /// <summary>Rewrites.</summary>
    /// <param name="model">The model.</param>
    /// <param name="shapes">Shapes of values.</param>
    /// <returns>The same function.</returns>
    public static OnnxModel Apply(OnnxModel model, IReadOnlyDictionary<string, IReadOnlyList<long>> shapes)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(shapes);
        var constants = new Dictionary<string, OnnxTensor>(model.Graph.Initializers);
        OnnxNode[] nodes = [.. model.Graph.Nodes.Select(node => node.Domain.Length > 0 ? node : node.Operator switch
        {
            "MatMul" when shapes[node.Inputs[0]].Count == 2 && Matrix(constants, node.Inputs[1]) is { } weight => FullyConnected(node, [node.Inputs[0]], Transposed(weight), null, constants),
            "Gemm" when model.Opset >= 7 && Real(node, "transA") == 0 && Matrix(constants, node.Inputs[1]) is { } weight && Bias(node, weight, constants, out OnnxTensor? bias) =>
                FullyConnected(node, [node.Inputs[0]], Scaled(Real(node, "transB") != 0 ? weight : Transposed(weight), Real(node, "alpha", 1)), bias, constants),
            "Reshape" when IsFlatten(node, shapes) => node with { Operator = "Flatten", Inputs = [node.Inputs[0]], Attributes = new Dictionary<string, object> { ["axis"] = 1L } },
            _ => node,
        })];
        return model with { Graph = model.Graph with { Nodes = nodes, Initializers = constants } };
    }

    private static OnnxNode FullyConnected(OnnxNode node, string[] inputs, OnnxTensor weight, OnnxTensor? bias, Dictionary<string, OnnxTensor> constants)
    {
        string name = $"{node.Outputs[0]}:weight";
        constants[name] = weight;
        string[] shift = [];
        if (bias is not null)
        {
            shift = [$"{node.Outputs[0]}:bias"];
            constants[shift[0]] = bias;
        }

        return node with { Operator = "Gemm", Inputs = [.. inputs, name, .. shift], Attributes = new Dictionary<string, object> { ["transB"] = 1L } };
    }

    // beta · C as one value an output; a C that differs between images stays as it is.
    private static bool Bias(OnnxNode node, OnnxTensor weight, Dictionary<string, OnnxTensor> constants, out OnnxTensor? bias)
    {
        bias = null;
        if (node.Inputs.Count < 3 || node.Inputs[2].Length == 0)
        {
            return true;
        }

        long outputs = weight.Dimensions[Real(node, "transB") != 0 ? 0 : 1];
        if (!constants.TryGetValue(node.Inputs[2], out OnnxTensor? c) || (c.Rank == 2 && c.Dimensions[0] != 1) || c.Rank > 2 || (c.Count != outputs && c.Count != 1))
        {
            return false;
        }

        double beta = Real(node, "beta", 1);
        double[] values = c.ToDoubles();
        bias = OnnxTensor.OfReals(c.Type, [outputs], [.. Enumerable.Range(0, (int)outputs).Select(i => beta * values[c.Count == 1 ? 0 : i])]);
        return true;
    }

    private static bool IsFlatten(OnnxNode node, IReadOnlyDictionary<string, IReadOnlyList<long>> shapes) =>
        shapes[node.Outputs[0]] is [var rows, _] && shapes[node.Inputs[0]] is { Count: > 1 } from && from[0] == rows;

    private static OnnxTensor? Matrix(Dictionary<string, OnnxTensor> constants, string name) =>
        constants.TryGetValue(name, out OnnxTensor? tensor) && tensor is { Rank: 2, IsFloating: true } ? tensor : null;

    private static OnnxTensor Transposed(OnnxTensor matrix) => Shaping.Permute(matrix, [1, 0]);

    private static OnnxTensor Scaled(OnnxTensor tensor, double factor) => factor == 1 ? tensor : Arithmetic.MapReals(tensor, value => factor * value);

    private static double Real(OnnxNode node, string attribute, double otherwise = 0) => node.Attributes.GetValueOrDefault(attribute) switch
    {
        long value => value,
        float value => value,
        _ => otherwise,
    };
}
