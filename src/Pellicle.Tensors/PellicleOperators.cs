namespace Pellicle.Tensors;

/// <summary>Our own operators in the same dispatcher, for what libtorch's CPU build does slowly or not at all. See <c>native/pellicle_native</c>.</summary>
public static class PellicleOperators
{
    /// <summary>(x, dtype) → x in that type.</summary>
    public static readonly TensorOperator Cast = new("pel::cast");

    /// <summary>(x [.., d], w [p, d], b? [p], dtype) → x wᵀ + b [.., p].</summary>
    public static readonly TensorOperator Linear = new("pel::linear");

    /// <summary>(x [N, C, H, W], window, stride) → maxima; no padding.</summary>
    public static readonly TensorOperator MaxPool = new("pel::max_pool");

    /// <summary>(x [N, C, H, W], window, stride, padding) → windows as rows [N, T, C·k·k].</summary>
    public static readonly TensorOperator Unfold = new("pel::unfold");

    /// <summary>(x) → x Φ(x), the erf form.</summary>
    public static readonly TensorOperator Gelu = new("pel::gelu");

    /// <summary>(x [.., d], gamma, beta, epsilon, dtype) → (y, statistics [rows, 2]).</summary>
    public static readonly TensorOperator LayerNorm = new("pel::layer_norm");

    /// <summary>(qkv [N, T, 3·D], heads) → [N, T, D], softmax attention without mask.</summary>
    public static readonly TensorOperator Attention = new("pel::attention");

    /// <summary>(g, x, statistics, N) → per-sample gradients of (gamma, beta) [N, 2, d].</summary>
    public static readonly TensorOperator LayerNormSampleGradients = new("pel::ln_sample_grads");

    /// <summary>(x [N, ..]) → squared norms [N].</summary>
    public static readonly TensorOperator SquaredRowNorms = new("pel::sq_rows");

    /// <summary>(a [N, T, d], g [N, T, p], bias) → squared norms of the per-sample weight (and bias) gradients [N] by Gram matrices.</summary>
    public static readonly TensorOperator GhostNorms = new("pel::ghost_norms");

    /// <summary>(a, g, factors [N], bias) → (Σ c gᵀa [p, d], Σ c g [p]).</summary>
    public static readonly TensorOperator ClippedSum = new("pel::clipped_sum");

    /// <summary>(a, b, dtype) → matrix product, 2-d or batched.</summary>
    public static readonly TensorOperator Product = new("pel::product");
}
