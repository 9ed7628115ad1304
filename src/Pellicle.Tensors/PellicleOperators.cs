namespace Pellicle.Tensors;

/// <summary>Our own operators in the same dispatcher, for what libtorch's CPU build does slowly or not at all. See <c>native/pellicle_native/ops</c>.</summary>
/// <remarks>
/// <para>Their gradients are those of the activations only: parameters stay outside automatic differentiation.</para>
/// <para>Images have the shape [N, C, H, W]; results lie channels last in memory, and channels-last input is taken without a copy.
/// A window is given as four pairs: kernel, stride, padding = 0, dilation = 1. Types are float32 unless said otherwise.</para>
/// <para>Units are the units of privacy. Without offsets image i is unit i; with offsets [U + 1] (int64, from 0 to N) the adjacent images
/// offsets[u] … offsets[u + 1] − 1 belong to unit u, and their gradients are added before the norm is taken.
/// Squared norms [U] are float64, accumulated in double.</para>
/// </remarks>
public static class PellicleOperators
{
    /// <summary>(x, dtype) → x in that type; differentiable.</summary>
    public static readonly TensorOperator Cast = new("pel::cast");

    /// <summary>(a, b, dtype) → matrix product, two-dimensional or batched, float32 or bfloat16 in and out.</summary>
    public static readonly TensorOperator Product = new("pel::product");

    /// <summary>(x [.., d], w [p, d], b? [p], dtype) → x wᵀ + b [.., p]; float32 or bfloat16.</summary>
    public static readonly TensorOperator Linear = new("pel::linear");

    /// <summary>(x) → x Φ(x), the erf form; float32 or bfloat16.</summary>
    public static readonly TensorOperator Gelu = new("pel::gelu");

    /// <summary>(x [.., d], gamma, beta, epsilon, dtype) → (y in that type, statistics [rows, 2]: mean and reciprocal deviation).</summary>
    public static readonly TensorOperator LayerNorm = new("pel::layer_norm");

    /// <summary>(x [N, C, H, W], gamma, beta, groups, epsilon) → (y, statistics [N, groups, 2]: mean and reciprocal deviation).</summary>
    public static readonly TensorOperator GroupNorm = new("pel::group_norm");

    /// <summary>(qkv [N, T, 3·heads·e], heads) → [N, T, heads·e], softmax attention without mask; float32 or bfloat16.</summary>
    public static readonly TensorOperator Attention = new("pel::attention");

    /// <summary>(x [N, C, H, W], window) → maxima [N, C, H', W'].</summary>
    public static readonly TensorOperator MaxPool = new("pel::max_pool");

    /// <summary>(x [N, C, H, W], w [p, C / groups, kh, kw], b? [p], stride, padding, dilation, groups) → [N, p, H', W'].</summary>
    public static readonly TensorOperator Conv2d = new("pel::conv2d");

    /// <summary>(x [N, C, H, W], window) → windows as rows [N, T, C·kh·kw] in the order of the weights; not differentiable; float32 or bfloat16.</summary>
    public static readonly TensorOperator Unfold = new("pel::unfold");

    /// <summary>(x [N, ..]) → squared norms [N].</summary>
    public static readonly TensorOperator SquaredRowNorms = new("pel::sq_rows");

    /// <summary>(a [N, T, d] or [N, d], g [N, T, p] or [N, p], bias, offsets?) → (squared norms [U] of the per-unit weight (and bias) gradients by
    /// Gram matrices in double, s² [U]). The rounding error of a squared norm is below about (d + p + 2R) 2⁻⁵³ s², with s = Σ |a_t| |g_t| over
    /// the R rows of the unit; for a single row the norm is exact and s² = 0.</summary>
    public static readonly TensorOperator GramNorms = new("pel::gram_norms");

    /// <summary>(a, g, bias, keep = true, offsets?) → (squared norms [U], weight gradients [U, p, d] or null without keep, bias gradients [U, p] or null).</summary>
    public static readonly TensorOperator SampleGradients = new("pel::sample_grads");

    /// <summary>(a, g, factors [U], bias, offsets?, alwaysSplit = false) → (Σ c gᵀa [p, d], Σ c g [p] or null), float32. Of bfloat16 rows each scaled
    /// one goes into the product in two bfloat16 parts, which together are off by 2⁻¹⁸ of it at most; where the processor has no bfloat16 products the
    /// rows are scaled and multiplied in float32 instead, unless <c>alwaysSplit</c> (for tests).</summary>
    public static readonly TensorOperator ClippedSum = new("pel::clipped_sum");

    /// <summary>(gradients [U, ..], factors [U]) → Σ c_u gradients_u [..], accumulated in double.</summary>
    public static readonly TensorOperator WeightedSum = new("pel::weighted_sum");

    /// <summary>(g [N, .., d], x, statistics, offsets?) → (per-unit gradients of gamma and beta [U, 2, d], squared norms [U]).</summary>
    public static readonly TensorOperator LayerNormSampleGradients = new("pel::layer_norm_sample_grads");

    /// <summary>(g [N, C, H, W], x, statistics, offsets?) → (per-unit gradients of gamma and beta [U, 2, C], squared norms [U]).</summary>
    public static readonly TensorOperator GroupNormSampleGradients = new("pel::group_norm_sample_grads");

    /// <summary>(x, g [N, p, H', W'], bias, window, groups = 1, offsets?) → as <see cref="GramNorms"/>, for a convolution with input x.</summary>
    public static readonly TensorOperator ConvGramNorms = new("pel::conv_gram_norms");

    /// <summary>(x, g, bias, keep, window, groups = 1, offsets?) → (squared norms [U], weight gradients [U, p, C / groups, kh, kw] or null, bias
    /// gradients [U, p] or null).</summary>
    public static readonly TensorOperator ConvSampleGradients = new("pel::conv_sample_grads");

    /// <summary>(x, g, factors [U], bias, window, groups = 1, offsets?) → (Σ c weight gradient [p, C / groups, kh, kw], Σ c bias gradient [p] or null).</summary>
    public static readonly TensorOperator ConvClippedSum = new("pel::conv_clipped_sum");
}
