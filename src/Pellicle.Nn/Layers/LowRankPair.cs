using Pellicle.Core.Random;
using Pellicle.Formats.Onnx;
using Pellicle.Nn.Init;
using Pellicle.Tensors;

namespace Pellicle.Nn;

/// <summary>x Aᵀ Bᵀ with a narrow middle: what LoRA trains beside a frozen weight (Hu et al. 2022, section 4.1, with α = r, so without a further factor).</summary>
/// <remarks>Both halves are linear layers, so their norms per unit are exact and cost as little as their width.</remarks>
public sealed class LowRankPair : Layer
{
    private readonly Linear _down;
    private readonly Linear _up;

    /// <summary>Makes the pair; B starts as zero, so the product does.</summary>
    /// <param name="inputWidth">d.</param>
    /// <param name="outputWidth">p.</param>
    /// <param name="rank">r, 1 to the smaller of d and p.</param>
    /// <param name="init">Source of A.</param>
    public LowRankPair(int inputWidth, int outputWidth, int rank, ISeededRandom init)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(rank, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(rank, Math.Min(inputWidth, outputWidth));
        _down = Add("A", new Linear(inputWidth, rank, init, bias: false));
        _up = Add("B", new Linear(Initialization.Constant(0, outputWidth, rank), null));
    }

    /// <summary>B A [p, d], in the caller's scope.</summary>
    public Tensor Product() => _up.Weight.Value.MatMul(_down.Weight.Value);

    /// <inheritdoc/>
    public override Tensor Reference(Tensor input, ReferencePass pass) => _up.Reference(_down.Reference(input, pass), pass);

    /// <inheritdoc/>
    public override OnnxSymbol Export(OnnxGraphBuilder graph, OnnxSymbol input) => _up.Export(graph, _down.Export(graph, input));

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor input, ForwardContext context) => _up.Forward(_down.Forward(input, context), context);
}
