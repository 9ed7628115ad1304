using Pellicle.Core.Random;
using Pellicle.Formats.Onnx;
using Pellicle.Nn.Init;
using Pellicle.Tensors;

namespace Pellicle.Nn;

/// <summary>Linear, GELU, linear; names as in timm: fc1, fc2.</summary>
public sealed class Mlp : Layer
{
    private readonly Linear _first;
    private readonly Gelu _activation = new();
    private readonly Linear _second;

    /// <summary>Makes the layer with timm's initial values.</summary>
    /// <param name="width">D in and out.</param>
    /// <param name="hiddenDim">Width between.</param>
    /// <param name="init">Source of initial values.</param>
    public Mlp(int width, int hiddenDim, ISeededRandom init)
    {
        _first = Add("fc1", new Linear(Initialization.TruncatedNormal(init, 0.02, hiddenDim, width), Initialization.Constant(0, hiddenDim)) { NarrowOutput = true });
        _second = Add("fc2", new Linear(Initialization.TruncatedNormal(init, 0.02, width, hiddenDim), Initialization.Constant(0, width)));
    }

    /// <inheritdoc/>
    public override Tensor Reference(Tensor input, ReferencePass pass) => _second.Reference(_activation.Reference(_first.Reference(input, pass), pass), pass);

    /// <inheritdoc/>
    public override OnnxSymbol Export(OnnxGraphBuilder graph, OnnxSymbol input) => _second.Export(graph, _activation.Export(graph, _first.Export(graph, input)));

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor input, ForwardContext context) => _second.Forward(_activation.Forward(_first.Forward(input, context), context), context);
}
