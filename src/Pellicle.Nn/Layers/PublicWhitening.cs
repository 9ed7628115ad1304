using Pellicle.Formats.Onnx;
using Pellicle.Nn.Init;
using Pellicle.Tensors;

namespace Pellicle.Nn;

/// <summary>Brings features to one scale and decorrelates them, by statistics of public images: [N, d] → [N, d]. Statistics are fixed; nothing is trained and images do not mix.</summary>
/// <remarks>
/// z = clamp((x − m)/s, ±6); y = (Λ + ρ)^(−1/2)·Vᵀz/c with the eigenvectors V and eigenvalues Λ of the covariance of z, ρ = 0.1, and c such that
/// public images have a mean squared norm of 1. Clipping and noise treat all directions of a gradient alike, so a private linear model learns
/// fastest where all directions have a like variance; ρ keeps those small that hold hardly more than noise. The statistics must not come from
/// private images: these would have to be charged for.
/// </remarks>
public sealed class PublicWhitening : Layer
{
    private const double Ridge = 0.1;
    private const double Limit = 6;
    private const double SmallestDeviation = 1e-4;

    private static readonly TensorOperator EigenDecomposition = new("aten::linalg_eigh");

    private readonly Parameter _mean;
    private readonly Parameter _scale;
    private readonly Parameter _map;

    /// <summary>Makes the layer without statistics; features pass only after <see cref="Fit"/> or loading.</summary>
    /// <param name="features">d, at least 1.</param>
    public PublicWhitening(int features)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(features, 1);
        _mean = AddParameter("mean", Initialization.Constant(0, features), true);
        _scale = AddParameter("scale", Initialization.Constant(0, features), true);
        _map = AddParameter("map", Initialization.Constant(0, features, features), true);
    }

    /// <summary>True once there are statistics.</summary>
    public bool IsFitted => _scale.Value.Abs().Maximum().Item() > 0;

    /// <summary>Estimates the statistics.</summary>
    /// <param name="features">[n, d] of public images, n at least 2.</param>
    /// <exception cref="ArgumentException">The shape does not fit, or a value is not finite.</exception>
    public unsafe void Fit(Tensor features)
    {
        ArgumentNullException.ThrowIfNull(features);
        if (features.Rank != 2 || features.Size(1) != _map.Shape[1] || features.Size(0) < 2)
        {
            throw new ArgumentException($"Features have shape [{string.Join(", ", features.Shape)}]; expected [n, {_map.Shape[1]}] with n of at least 2.", nameof(features));
        }

        using TensorScope scope = TensorScope.Open();
        Tensor x = features.To(DType.Float64);
        Tensor mean = x.Mean(0);
        Tensor deviation = (x - mean).Square().Mean(0).Sqrt() + SmallestDeviation;
        if (!double.IsFinite(deviation.Sum().Item()))
        {
            throw new ArgumentException("A feature of the public images is not finite.", nameof(features));
        }

        Tensor z = ((x - mean) / deviation).Clamp(-Limit, Limit);
        byte lower = (byte)'L';
        Tensor?[] decomposition = EigenDecomposition.CallMany(2, z.Transpose().MatMul(z) / features.Size(0), OpArgument.Text(&lower, 1));
        Tensor weights = (decomposition[0]!.Clamp(0) + Ridge).Sqrt().Reciprocal(); // rounding may leave small eigenvalues below 0
        Tensor map = decomposition[1]!.Transpose() * weights.Unsqueeze(1);
        double norm = Math.Sqrt(z.MatMul(map.Transpose()).Square().Sum(1).Mean().Item());
        _mean.Value.CopyFrom(mean);
        _scale.Value.CopyFrom(deviation.Reciprocal());
        _map.Value.CopyFrom(map / norm);
    }

    /// <inheritdoc/>
    public override Tensor Reference(Tensor input, ReferencePass pass)
    {
        ArgumentNullException.ThrowIfNull(pass);
        ArgumentNullException.ThrowIfNull(input);
        return ((input - pass.Of(_mean)) * pass.Of(_scale)).Clamp(-Limit, Limit).MatMul(pass.Of(_map).Transpose());
    }

    /// <inheritdoc/>
    public override OnnxSymbol Export(OnnxGraphBuilder graph, OnnxSymbol input)
    {
        ArgumentNullException.ThrowIfNull(graph);
        ArgumentNullException.ThrowIfNull(input);
        OnnxSymbol centred = graph.Add(Path, "Sub", [input.Name, Constant(graph, _mean)], input.Shape);
        OnnxSymbol scaled = graph.Add(Path, "Mul", [centred.Name, Constant(graph, _scale)], input.Shape);
        OnnxSymbol clamped = graph.Add(Path, "Clip", [scaled.Name, graph.Scalar(-Limit), graph.Scalar(Limit)], input.Shape);
        return graph.Add(Path, "Gemm", [clamped.Name, Constant(graph, _map)], [_map.Shape[0]], ("transB", 1L));
    }

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor input, ForwardContext context)
    {
        ArgumentNullException.ThrowIfNull(input);
        return ((input - _mean.Value) * _scale.Value).Clamp(-Limit, Limit).Linear(_map.Value, null);
    }
}
