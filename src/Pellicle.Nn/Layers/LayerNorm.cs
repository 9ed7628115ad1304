using Pellicle.Formats.Onnx;
using Pellicle.Nn.Init;
using Pellicle.Tensors;

namespace Pellicle.Nn;

/// <summary>Normalisation of the last dimension to mean 0 and variance 1, then scale and shift (Ba et al. 2016).</summary>
public sealed unsafe class LayerNorm : Layer
{
    private readonly double _epsilon;

    /// <summary>Makes the layer with scale 1 and shift 0.</summary>
    /// <param name="width">Extent of the last dimension.</param>
    /// <param name="epsilon">Added to the variance; timm's vision transformers use 1e-6.</param>
    public LayerNorm(int width, double epsilon = 1e-6)
    {
        _epsilon = epsilon;
        Weight = AddParameter("weight", Initialization.Constant(1, width));
        Bias = AddParameter("bias", Initialization.Constant(0, width));
    }

    /// <summary>Scale γ [d].</summary>
    public Parameter Weight { get; }

    /// <summary>Shift β [d].</summary>
    public Parameter Bias { get; }

    /// <summary>The output goes to products only: with bfloat16 products it leaves in bfloat16.</summary>
    internal bool NarrowOutput { get; init; }

    /// <inheritdoc/>
    public override Tensor Reference(Tensor input, ReferencePass pass)
    {
        ArgumentNullException.ThrowIfNull(pass);
        long width = Weight.Count;
        return NnOperators.LayerNorm.Call(input, OpArgument.Integers(&width, 1), pass.Of(Weight), pass.Of(Bias), _epsilon);
    }

    /// <inheritdoc/>
    public override OnnxSymbol Export(OnnxGraphBuilder graph, OnnxSymbol input)
    {
        ArgumentNullException.ThrowIfNull(graph);
        ArgumentNullException.ThrowIfNull(input);
        return graph.Add(Path, "LayerNormalization", [input.Name, Constant(graph, Weight), Constant(graph, Bias)], input.Shape, ("axis", -1L), ("epsilon", (float)_epsilon));
    }

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor input, ForwardContext context)
    {
        Tensor?[] results = PellicleOperators.LayerNorm.CallMany(2, input, Weight.Value, Bias.Value, _epsilon, (int)context.OutputType(NarrowOutput));
        return context.Record(this, results[0]!, o => new AffineRecord(this, o, Weight, Bias, PerGroup, input, results[1]!));
    }

    private static (Tensor Scale, Tensor Shift) PerGroup(Tensor gradient, Tensor[] kept, ImageGroups groups)
    {
        Tensor both = PellicleOperators.LayerNormSampleGradients.CallMany(2, gradient, kept[0], kept[1], groups.Offsets())[0]!;
        return (both.Select(1, 0), both.Select(1, 1));
    }
}
