using Pellicle.Core.Errors;
using Pellicle.Formats.Onnx.Execution;

namespace Pellicle.Formats.Onnx.Passes;

/// <summary>Shapes of all values of a graph for inputs of given sizes.</summary>
public static class OnnxShapeInference
{
    /// <summary>Runs the graph on zeros and takes down every shape: exact also where shapes are computed, at the price of one run.</summary>
    /// <param name="model">The model.</param>
    /// <param name="batch">Size that stands for a free first dimension, at least 1.</param>
    /// <returns>Shapes by name, constants included.</returns>
    /// <exception cref="DataFormatException">An input has a free dimension besides the first, no shape or no type, or the graph cannot run.</exception>
    public static IReadOnlyDictionary<string, IReadOnlyList<long>> Infer(OnnxModel model, int batch)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentOutOfRangeException.ThrowIfLessThan(batch, 1);
        var shapes = new Dictionary<string, IReadOnlyList<long>>();
        foreach ((string name, OnnxTensor tensor) in model.Graph.Initializers)
        {
            shapes[name] = tensor.Shape;
        }

        var inputs = new Dictionary<string, OnnxTensor>();
        foreach (OnnxValue input in model.Graph.Inputs)
        {
            inputs[input.Name] = Zeros(input, batch);
            shapes[input.Name] = inputs[input.Name].Shape;
        }

        new OnnxExecutor(model).Run(inputs, (node, results) =>
        {
            for (int i = 0; i < Math.Min(results.Count, node.Outputs.Count); i++)
            {
                shapes[node.Outputs[i]] = results[i].Shape;
            }
        });
        return shapes;
    }

    private static OnnxTensor Zeros(OnnxValue input, int batch)
    {
        long[] shape = [.. (input.Shape ?? []).Select((size, d) => size < 0 && d == 0 ? batch : size)];
        if (input.Type is not { } type || input.Shape is null || OnnxShape.Count(shape) < 1)
        {
            throw new DataFormatException(
                $"input '{input.Name}' has type {input.Type?.ToString() ?? "unknown"} and shape {(input.Shape is null ? "unknown" : OnnxShape.Text(input.Shape))}; expected fixed sizes behind the batch.",
                "Export the model for one fixed input size.");
        }

        return NodeCall.Result(type, shape, new double[OnnxShape.Count(shape)]);
    }
}
