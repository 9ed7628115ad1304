using Pellicle.Core.Random;
using Pellicle.Formats.Onnx;
using Pellicle.Nn.Init;
using Pellicle.Tensors;

namespace Pellicle.Nn;

/// <summary>Softmax self-attention with a packed projection (Vaswani et al. 2017); names as in timm: qkv, proj.</summary>
public sealed class MultiHeadAttention : Layer
{
    private readonly int _heads;
    private readonly Linear _qkv;
    private readonly Linear _projection;

    /// <summary>Makes the layer with timm's initial values.</summary>
    /// <param name="width">D, a multiple of the heads.</param>
    /// <param name="numHeads">Attention heads.</param>
    /// <param name="init">Source of initial values.</param>
    /// <exception cref="ArgumentException">The heads do not divide the width.</exception>
    public MultiHeadAttention(int width, int numHeads, ISeededRandom init)
    {
        if (numHeads < 1 || width % numHeads != 0)
        {
            throw new ArgumentException($"Width {width} cannot be divided into {numHeads} heads.", nameof(numHeads));
        }

        _heads = numHeads;
        _qkv = Add("qkv", new Linear(Initialization.TruncatedNormal(init, 0.02, 3L * width, width), Initialization.Constant(0, 3L * width)) { NarrowOutput = true });
        _projection = Add("proj", new Linear(Initialization.TruncatedNormal(init, 0.02, width, width), Initialization.Constant(0, width)));
    }

    /// <inheritdoc/>
    public override Tensor Reference(Tensor input, ReferencePass pass)
    {
        ArgumentNullException.ThrowIfNull(input);
        long n = input.Size(0);
        long t = input.Size(1);
        long d = input.Size(2);
        Tensor packed = _qkv.Reference(input, pass).Reshape(n, t, 3, _heads, d / _heads).Permute(2, 0, 3, 1, 4);
        Tensor q = AtenOperators.Select.Call(packed, 0, 0);
        Tensor k = AtenOperators.Select.Call(packed, 0, 1);
        Tensor v = AtenOperators.Select.Call(packed, 0, 2);
        Tensor weights = AtenOperators.Softmax.Call(q.MatMul(k.Transpose()) * (1 / Math.Sqrt((double)d / _heads)), -1, false);
        return _projection.Reference(weights.MatMul(v).Transpose(1, 2).Reshape(n, t, d), pass);
    }

    /// <inheritdoc/>
    public override OnnxSymbol Export(OnnxGraphBuilder graph, OnnxSymbol input)
    {
        ArgumentNullException.ThrowIfNull(graph);
        ArgumentNullException.ThrowIfNull(input);
        long t = input.Shape[0];
        long d = input.Shape[1];
        long each = d / _heads;
        OnnxSymbol h = _qkv.Export(graph, input);
        h = graph.Add(Path, "Reshape", [h.Name, graph.Integers(0, t, 3, _heads, each)], [t, 3, _heads, each]);
        OnnxSymbol packed = graph.Add(Path, "Transpose", [h.Name], [], ("perm", new long[] { 2, 0, 3, 1, 4 }));
        OnnxSymbol[] parts = [.. Enumerable.Range(0, 3).Select(i => graph.Add(
            Path, "Gather", [packed.Name, graph.Constant($"index:{i}", OnnxTensor.Of([(long)i], []))], [_heads, t, each], ("axis", 0L)))];
        OnnxSymbol query = graph.Add(Path, "Mul", [parts[0].Name, graph.Scalar(1 / Math.Sqrt(each))], parts[0].Shape);
        OnnxSymbol keys = graph.Add(Path, "Transpose", [parts[1].Name], [_heads, each, t], ("perm", new long[] { 0, 1, 3, 2 }));
        OnnxSymbol weights = graph.Add(Path, "MatMul", [query.Name, keys.Name], [_heads, t, t]);
        weights = graph.Add(Path, "Softmax", [weights.Name], weights.Shape, ("axis", -1L));
        OnnxSymbol mixed = graph.Add(Path, "MatMul", [weights.Name, parts[2].Name], [_heads, t, each]);
        mixed = graph.Add(Path, "Transpose", [mixed.Name], [t, _heads, each], ("perm", new long[] { 0, 2, 1, 3 }));
        return _projection.Export(graph, graph.Add(Path, "Reshape", [mixed.Name, graph.Integers(0, t, d)], [t, d]));
    }

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor input, ForwardContext context) =>
        _projection.Forward(PellicleOperators.Attention.Call(_qkv.Forward(input, context), _heads), context);
}
