using Pellicle.Core.Random;
using Pellicle.Formats.Onnx;
using Pellicle.Nn.Init;
using Pellicle.Tensors;

namespace Pellicle.Nn;

/// <summary>y = x Wᵀ + b on the last dimension; any number of token dimensions before it.</summary>
public sealed class Linear : Layer
{
    /// <summary>Makes the layer with torch's default initial values.</summary>
    /// <param name="inputWidth">d, above 0.</param>
    /// <param name="outputWidth">p, above 0.</param>
    /// <param name="init">Source of initial values.</param>
    /// <param name="bias">False leaves b out.</param>
    public Linear(int inputWidth, int outputWidth, ISeededRandom init, bool bias = true)
        : this(Initialization.TorchUniform(init, inputWidth, outputWidth, inputWidth), bias ? Initialization.TorchUniform(init, inputWidth, outputWidth) : null)
    {
    }

    /// <summary>Makes the layer with given values.</summary>
    /// <param name="weight">[p, d].</param>
    /// <param name="bias">[p], or null.</param>
    public Linear(Tensor weight, Tensor? bias)
    {
        Weight = AddParameter("weight", weight);
        Bias = bias is null ? null : AddParameter("bias", bias);
    }

    /// <summary>W [p, d].</summary>
    public Parameter Weight { get; }

    /// <summary>b [p], or null.</summary>
    public Parameter? Bias { get; }

    /// <summary>The output goes to products only, or to functions that take either type: with bfloat16 products it leaves in bfloat16.</summary>
    internal bool NarrowOutput { get; init; }

    /// <summary>Low-rank pair whose product is added to W, or null.</summary>
    public LowRankPair? Adapter { get; private set; }

    /// <summary>Adds a low-rank pair (Hu et al. 2022). It starts as zero, so the function does not change.</summary>
    /// <param name="rank">1 to the smaller of d and p.</param>
    /// <param name="init">Source of initial values.</param>
    /// <exception cref="InvalidOperationException">There is one already.</exception>
    public void Attach(int rank, ISeededRandom init)
    {
        if (Adapter is not null)
        {
            throw new InvalidOperationException($"Layer '{DisplayName}' has a low-rank pair already.");
        }

        Adapter = Add("lora", new LowRankPair((int)Weight.Shape[1], (int)Weight.Shape[0], rank, init));
    }

    /// <summary>Adds the pair's product to W and removes the pair: the same function in the form of a plain layer. Without a pair nothing happens.</summary>
    public void MergeAdapter()
    {
        if (Adapter is null)
        {
            return;
        }

        using (TensorScope.Open())
        using (GradientMode.Off())
        {
            Weight.Value.AddInPlace(Adapter.Product());
        }

        Drop(Adapter);
        Adapter = null;
    }

    /// <inheritdoc/>
    public override Tensor Reference(Tensor input, ReferencePass pass)
    {
        ArgumentNullException.ThrowIfNull(pass);
        Tensor output = AtenOperators.Linear.Call(input, pass.Of(Weight), Bias is null ? null : pass.Of(Bias));
        return Adapter is null ? output : output + Adapter.Reference(input, pass);
    }

    /// <inheritdoc/>
    public override OnnxSymbol Export(OnnxGraphBuilder graph, OnnxSymbol input)
    {
        ArgumentNullException.ThrowIfNull(graph);
        ArgumentNullException.ThrowIfNull(input);
        OnnxSymbol output = ExportPlain(graph, input);
        return Adapter is null ? output : Sum(graph, output, Adapter.Export(graph, input));
    }

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor input, ForwardContext context)
    {
        Tensor rows = context.Operand(input);
        DType type = context.OutputType(NarrowOutput);
        Tensor output = PellicleOperators.Linear.Call(rows, context.Operand(Weight.Value), Bias?.Value, (int)(Adapter is null ? type : DType.Float32));
        Tensor recorded = context.Record(this, output, o => new LinearRecord(this, o, Weight, Bias, rows));
        return Adapter is null ? recorded : ForwardContext.InType(recorded + Adapter.Forward(rows, context), type);
    }

    private OnnxSymbol ExportPlain(OnnxGraphBuilder graph, OnnxSymbol input)
    {
        string[] bias = Bias is null ? [] : [Constant(graph, Bias)];
        if (input.Shape.Count == 1)
        {
            return graph.Add(Path, "Gemm", [input.Name, Constant(graph, Weight), .. bias], [Weight.Shape[0]], ("transB", 1L));
        }

        // Gemm takes matrices only; tokens are multiplied by the transposed weight.
        OnnxTensor transposed = OnnxTensor.Of(Weight.Value.Transpose().Contiguous().ToArray<float>(), Weight.Shape[1], Weight.Shape[0]);
        long[] shape = [.. input.Shape.SkipLast(1), Weight.Shape[0]];
        OnnxSymbol product = graph.Add(Path, "MatMul", [input.Name, graph.Constant(Weight.Name + ".T", transposed)], shape);
        return bias.Length == 0 ? product : graph.Add(Path, "Add", [product.Name, bias[0]], shape);
    }
}
