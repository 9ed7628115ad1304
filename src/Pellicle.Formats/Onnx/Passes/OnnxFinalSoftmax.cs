namespace Pellicle.Formats.Onnx.Passes;

/// <summary>Removes a Softmax or LogSoftmax at the end: who receives the logits applies it in the clear.</summary>
public static class OnnxFinalSoftmax
{
    /// <summary>Removes.</summary>
    /// <param name="model">A model with one output.</param>
    /// <returns>The model that ends with its logits under the former output's name, and whether anything was removed.</returns>
    public static (OnnxModel Model, bool IsRemoved) Remove(OnnxModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        OnnxGraph graph = model.Graph;
        string output = graph.Outputs[0].Name;
        OnnxNode? last = graph.Nodes.FirstOrDefault(node => node.Outputs.Contains(output));
        if (graph.Outputs.Count != 1 || last is not { Operator: "Softmax" or "LogSoftmax", Domain: "" })
        {
            return (model, false);
        }

        OnnxNode identity = new() { Operator = "Identity", Name = last.Name, Inputs = [last.Inputs[0]], Outputs = [output] };
        return (model with { Graph = graph with { Nodes = [.. graph.Nodes.Select(node => ReferenceEquals(node, last) ? identity : node)] } }, true);
    }
}
