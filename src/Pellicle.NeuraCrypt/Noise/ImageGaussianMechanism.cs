using Pellicle.Core.Random;
using Pellicle.Privacy.Accounting;
using Pellicle.Privacy.Noise;
using Pellicle.Tensors;

namespace Pellicle.NeuraCrypt.Noise;

/// <summary>Local differential privacy of one released image: clip its L2 norm, add Gaussian noise, once.</summary>
/// <remarks><para>Any image may be replaced by any other (local model, unit: one image, replace-one), so the sensitivity is 2C. The noise is the least that the exact profile of
/// the Gaussian mechanism allows (Balle and Wang 2018, Theorem 8); there is no sampling and no composition. A second release of the same image is a second use and costs again.</para>
/// <para>The sum of a value and its noise is taken on a grid, and rounding to it is paid for: the noise is calibrated to 2C + √d·g.</para></remarks>
public sealed class ImageGaussianMechanism
{
    /// <summary>Makes the mechanism.</summary>
    /// <param name="epsilon">Above 0, finite.</param>
    /// <param name="delta">In (0, 1).</param>
    /// <param name="clip">C, above 0: bound of the L2 norm of an image. A public constant: never measured on the images.</param>
    /// <param name="values">d: numbers of an image, at least 1.</param>
    public ImageGaussianMechanism(double epsilon, double delta, double clip, int values)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(epsilon);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(clip);
        ArgumentOutOfRangeException.ThrowIfLessThan(values, 1);
        Epsilon = epsilon;
        Delta = delta;
        Clip = clip;
        Grid = Math.ScaleB(1, Math.ILogB(1e-4 * clip / Math.Sqrt(values)));
        Sensitivity = (2 * clip) + (Math.Sqrt(values) * Grid);
        StandardDeviation = Sensitivity / GaussianProfile.Mu(epsilon, delta);
    }

    /// <summary>Local epsilon of one image and one release.</summary>
    public double Epsilon { get; }

    /// <summary>Its delta.</summary>
    public double Delta { get; }

    /// <summary>C.</summary>
    public double Clip { get; }

    /// <summary>Largest L2 distance of two clipped images, rounding included.</summary>
    public double Sensitivity { get; }

    /// <summary>Of the noise on each number.</summary>
    public double StandardDeviation { get; }

    /// <summary>Spacing of released values.</summary>
    public double Grid { get; }

    /// <summary>In words and numbers.</summary>
    public LocalGuarantee Guarantee => new(
        Epsilon, Delta, "one image, replaced by any other, released once", "none", "exact profile of the Gaussian mechanism (Balle and Wang 2018), local model", Clip, Sensitivity, StandardDeviation);

    /// <summary>Clips and adds noise; a key of the system's generator for each call.</summary>
    /// <param name="images">[B, ...], float32; an image that is not finite is an error.</param>
    /// <param name="random">The cryptographic generator.</param>
    /// <returns>The same shape, of the caller's scope.</returns>
    /// <exception cref="ArgumentException">A value is not finite.</exception>
    public Tensor Release(Tensor images, ISecureRandom random)
    {
        ArgumentNullException.ThrowIfNull(images);
        ArgumentNullException.ThrowIfNull(random);
        using GradientMode off = GradientMode.Off();
        using TensorScope scope = TensorScope.Open();
        long[] shape = images.Shape;
        Tensor flat = images.Reshape(shape[0], -1);
        double[] norms = flat.To(DType.Float64).Square().Sum(1).Sqrt().ToArray<double>();
        if (!norms.All(double.IsFinite))
        {
            throw new ArgumentException("an image holds values that are not finite; clipping could not bound it.", nameof(images));
        }

        // A little below C/norm, so that rounding of the product cannot lift the norm above C.
        float[] factors = [.. norms.Select(norm => (float)Math.Min(1, Clip / Math.Max(norm, 1e-300) * (1 - 1e-6)))];
        Tensor clipped = (flat * Tensor.From<float>(factors, factors.Length, 1)).Contiguous();
        Span<byte> key = stackalloc byte[GaussianNoise.KeyBytes];
        random.Fill(key);
        using var noise = new GaussianNoise(key);
        key.Clear();
        noise.AddTo([clipped], StandardDeviation, Grid, 1, 0);
        return scope.Keep(clipped.Reshape(shape));
    }
}
