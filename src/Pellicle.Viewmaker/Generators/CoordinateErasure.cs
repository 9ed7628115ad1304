using Pellicle.Core.Random;
using Pellicle.Nn;
using Pellicle.Nn.Init;
using Pellicle.Tensors;

namespace Pellicle.Viewmaker.Generators;

/// <summary>Replaces the directions of <see cref="PictureCoordinates"/> in which attributes show by keyed noise, and shakes all coordinates: x → Move(x, W(σξ − R(e(x) − m)) + ρPζ), ξ and ζ standard normal.</summary>
/// <remarks>e is a small network that estimates the coordinates of a picture; R, m and W come from a fit in closed form (after LEACE, Belrose et al. 2023), P leaves out the direction in which the task's classes differ.
/// As <see cref="AttributeErasure"/>, but in coordinates in which sizes and places are straight. No formal guarantee: e errs, and what is no coordinate is not touched.</remarks>
internal sealed class CoordinateErasure : Layer
{
    /// <summary>Most directions that are replaced: one for each class but the last, over all attributes.</summary>
    public const int Directions = 8;

    private const int MostSide = 64;
    private readonly double _noise;
    private readonly Sequential _estimator;
    private readonly Parameter _mean, _read, _write, _free, _spread;

    /// <summary>Makes an erasure that changes nothing until it is fitted.</summary>
    /// <param name="channels">C.</param>
    /// <param name="side">Side at which pictures are seen in training.</param>
    /// <param name="noise">σ, at least 0.</param>
    /// <param name="init">Source of the estimator's initial values.</param>
    public CoordinateErasure(int channels, int side, double noise, ISeededRandom init)
    {
        (_noise, Side) = (noise, Math.Min(side, MostSide));
        Coordinates = new PictureCoordinates(channels);
        int count = Coordinates.Count;
        _estimator = Add("estimator", Network(channels, Side, count, init));
        _estimator.Freeze(""); // the fit trains it, the game must not
        _mean = AddParameter("mean", Tensor.Zeros(count), isStatistic: true);
        _read = AddParameter("read", Tensor.Zeros(Directions, count), isStatistic: true);
        _write = AddParameter("write", Tensor.Zeros(count, Directions), isStatistic: true);
        _free = AddParameter("free", Tensor.Zeros(count, count), isStatistic: true);
        _spread = AddParameter("spread", Tensor.Zeros(1), isStatistic: true);
    }

    /// <summary>What is changed.</summary>
    public PictureCoordinates Coordinates { get; }

    /// <summary>Side at which the estimator sees pictures.</summary>
    public int Side { get; }

    /// <summary>Numbers of noise that a picture needs.</summary>
    public int NoiseCount => Directions + Coordinates.Count;

    /// <summary>The network e, without the calibration that R contains.</summary>
    public Sequential Estimator => _estimator;

    /// <summary>ρ, the deviation of the noise in all coordinates, 0 to 3 units of <see cref="PictureCoordinates"/>.</summary>
    public double Spread
    {
        get => _spread.Value.Item();
        set => _spread.Value.Data<float>()[0] = (float)value;
    }

    /// <summary>The changed pictures.</summary>
    /// <param name="images">[B, C, H, W], 0..1.</param>
    /// <param name="noise">[B, 1, 1, <see cref="NoiseCount"/>], uniform in [0, 1).</param>
    /// <returns>[B, C, H, W], clipped to 0..1; the pictures themselves before the fit.</returns>
    public Tensor Apply(Tensor images, Tensor noise)
    {
        if (Spread == 0 && _write.Value.Abs().Maximum().Item() == 0)
        {
            return images;
        }

        using TensorScope scope = TensorScope.Open();
        DType type = images.Type;
        Tensor normal = NoisePlanes.Normal(noise, type);
        Tensor own = (Estimate(images) - _mean.Value.To(type)).MatMul(_read.Value.To(type).Transpose());
        Tensor replaced = ((normal.Narrow(1, 0, Directions) * _noise) - own).MatMul(_write.Value.To(type).Transpose());
        Tensor shaken = normal.Narrow(1, Directions, Coordinates.Count).MatMul(_free.Value.To(type)) * Spread;
        return scope.Keep(Coordinates.Move(images, replaced + shaken).Clamp(0, 1));
    }

    /// <summary>Coordinates as the network gives them, not calibrated.</summary>
    /// <param name="images">[B, C, H, W], 0..1.</param>
    /// <returns>[B, K], units.</returns>
    public Tensor Estimate(Tensor images) => _estimator.Forward((Seen(images) * 2) - 1, ForwardContext.Evaluation());

    /// <summary>Pictures as the estimator sees them: means of cells [B, C, Side, Side].</summary>
    public Tensor Seen(Tensor images) => images.Size(2) == Side && images.Size(3) == Side ? images : images.AdaptiveAveragePool2d(Side, Side);

    /// <summary>Takes fitted values.</summary>
    /// <param name="mean">m [K].</param>
    /// <param name="read">R, with the calibration of the estimator [r, K].</param>
    /// <param name="write">W [K, r].</param>
    /// <param name="free">P [K, K].</param>
    public void Set(Tensor mean, Tensor read, Tensor write, Tensor free)
    {
        _mean.Value.CopyFrom(mean.To(DType.Float32));
        _read.Value.CopyFrom(read.To(DType.Float32));
        _write.Value.CopyFrom(write.To(DType.Float32));
        _free.Value.CopyFrom(free.To(DType.Float32));
    }

    /// <inheritdoc/>
    public override Tensor Reference(Tensor input, ReferencePass pass) => input;

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor input, ForwardContext context) => input;

    // Places must survive to the end, so nothing is pooled.
    private static Sequential Network(int channels, int side, int outputs, ISeededRandom init)
    {
        var layers = new List<(string, Layer)>();
        int width = channels;
        foreach (int next in (int[])[24, 48, 64])
        {
            int stage = layers.Count / 2;
            Tensor weight = Initialization.Normal(init.Derive("conv", (ulong)stage), Math.Sqrt(2.0 / (9 * width)), next, width, 3, 3);
            layers.Add(($"conv{stage + 1}", new Conv2d(new ConvolutionGeometry(3, 3, 2, 1), weight, Initialization.Constant(0, next))));
            layers.Add(($"act{stage + 1}", new Relu()));
            (width, side) = (next, (side + 1) / 2);
        }

        layers.AddRange([("flatten", new Flatten()), ("hidden", new Linear(width * side * side, 128, init)), ("act", new Relu()), ("head", new Linear(128, outputs, init))]);
        return new Sequential([.. layers]);
    }
}
