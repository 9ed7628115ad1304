using Pellicle.Formats.Onnx;
using Pellicle.Tensors;

namespace Pellicle.Nn;

/// <summary>Layers one after the other.</summary>
public sealed class Sequential : Layer
{
    /// <summary>Chains layers named "0", "1", …, as in weight files.</summary>
    /// <param name="layers">In order.</param>
    public Sequential(params ReadOnlySpan<Layer> layers)
    {
        for (int i = 0; i < layers.Length; i++)
        {
            Add(i.ToString(), layers[i]);
        }
    }

    /// <summary>Chains named layers.</summary>
    /// <param name="layers">Local name and layer, in order.</param>
    public Sequential(params ReadOnlySpan<(string Name, Layer Layer)> layers)
    {
        foreach ((string name, Layer layer) in layers)
        {
            Add(name, layer);
        }
    }

    /// <inheritdoc/>
    public override Tensor Reference(Tensor input, ReferencePass pass)
    {
        foreach (Layer layer in Children)
        {
            input = layer.Reference(input, pass);
        }

        return input;
    }

    /// <inheritdoc/>
    public override OnnxSymbol Export(OnnxGraphBuilder graph, OnnxSymbol input) => Children.Aggregate(input, (value, layer) => layer.Export(graph, value));

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor input, ForwardContext context)
    {
        foreach (Layer layer in Children)
        {
            input = layer.Forward(input, context);
        }

        return input;
    }
}
