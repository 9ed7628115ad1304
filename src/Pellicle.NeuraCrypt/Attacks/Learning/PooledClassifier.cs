using Pellicle.Tensors;
using Pellicle.Training.Metrics;

namespace Pellicle.NeuraCrypt.Attacks;

/// <summary>A plain classifier of encodings whatever the order of their rows: mean and deviation of each feature over the rows, standardised, ridge regression on ±1.</summary>
/// <remarks>A floor for what encodings are good for; trained networks do better.</remarks>
internal sealed class PooledClassifier : IDisposable
{
    private const double Penalty = 1;
    private readonly Tensor _mean;
    private readonly Tensor _deviation;
    private readonly Tensor _weight;
    private readonly Tensor _bias;

    private PooledClassifier(Tensor mean, Tensor deviation, Tensor weight, Tensor bias) =>
        (_mean, _deviation, _weight, _bias) = (mean.Detached(), deviation.Detached(), weight.Detached(), bias.Detached());

    /// <summary>Mean and deviation over rows.</summary>
    /// <param name="encodings">[B, P, hidden].</param>
    /// <returns>[B, 2 · hidden].</returns>
    public static Tensor Features(Tensor encodings)
    {
        using GradientMode off = GradientMode.Off();
        using TensorScope scope = TensorScope.Open();
        Tensor mean = encodings.Mean(1);
        Tensor deviation = ((encodings.Square().Mean(1) - mean.Square()).Clamp(0) + 1e-12).Sqrt();
        return scope.Keep(Tensor.Concatenate(1, mean, deviation));
    }

    /// <summary>Learns; the caller disposes it.</summary>
    /// <param name="features">[n, d] of <see cref="Features"/>.</param>
    /// <param name="positive">[n].</param>
    public static PooledClassifier Fit(Tensor features, IReadOnlyList<bool> positive)
    {
        using GradientMode off = GradientMode.Off();
        using TensorScope scope = TensorScope.Open();
        Tensor mean = features.Mean(0);
        Tensor deviation = (features - mean).Square().Mean(0).Sqrt() + 1e-9;
        using var regression = new RidgeRegression((int)features.Size(1), 1, Penalty);
        regression.Add((features - mean) / deviation, Tensor.From<float>([.. positive.Select(p => p ? 1f : -1f)], positive.Count, 1));
        (Tensor weight, Tensor bias) = regression.Solve();
        return new PooledClassifier(mean, deviation, weight, bias);
    }

    /// <summary>Scores, higher for positives.</summary>
    /// <param name="features">[n, d].</param>
    public double[] Score(Tensor features)
    {
        using GradientMode off = GradientMode.Off();
        using TensorScope scope = TensorScope.Open();
        return ((features - _mean) / _deviation).Linear(_weight, _bias).Reshape(-1).To(DType.Float64).ToArray<double>();
    }

    /// <summary>Area under the ROC curve of scores; null with one class only.</summary>
    public static double? Auc(double[] scores, IReadOnlyList<bool> positive) => new RankedScores(scores, [.. positive]).AreaUnderRoc();

    public void Dispose()
    {
        _mean.Dispose();
        _deviation.Dispose();
        _weight.Dispose();
        _bias.Dispose();
    }
}
