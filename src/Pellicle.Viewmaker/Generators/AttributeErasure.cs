using Pellicle.Nn;
using Pellicle.Tensors;

namespace Pellicle.Viewmaker.Generators;

/// <summary>Replaces the directions of picture space in which attributes show by keyed noise: x + Up(W(σξ − R(Down(x) − m))), ξ standard normal.</summary>
/// <remarks>R and W come from <see cref="ErasureFit"/> in closed form (after LEACE, Belrose et al. 2023, with noise in the place of what is taken away): with σ = 1 the pictures keep their variance in these directions,
/// but no longer their own values; less noise costs less of the budget and of the task, and hides less of what is left. It is the part of obfuscation that needs no game: what a linear reader of coarse pixels sees is gone before any attacker trains.</remarks>
internal sealed class AttributeErasure : Layer
{
    private readonly int _channels, _grid;
    private readonly double _noise;
    private readonly Parameter _mean, _read, _write;

    /// <summary>Makes an erasure that changes nothing until it is fitted.</summary>
    /// <param name="channels">C.</param>
    /// <param name="grid">Side of the coarse grid on which directions are looked for.</param>
    /// <param name="directions">Directions r that are replaced, at least 1.</param>
    /// <param name="noise">σ, at least 0.</param>
    public AttributeErasure(int channels, int grid, int directions, double noise)
    {
        (_channels, _grid, _noise) = (channels, grid, noise);
        long features = (long)channels * grid * grid;
        Directions = directions;
        _mean = AddParameter("mean", Tensor.Zeros(features), isStatistic: true);
        _read = AddParameter("read", Tensor.Zeros(directions, features), isStatistic: true);
        _write = AddParameter("write", Tensor.Zeros(features, directions), isStatistic: true);
    }

    /// <summary>r.</summary>
    public int Directions { get; }

    /// <summary>The change of pictures.</summary>
    /// <param name="images">[B, C, H, W].</param>
    /// <param name="noise">[B, 1, 1, r], uniform in [0, 1).</param>
    /// <returns>[B, C, H, W].</returns>
    public Tensor Change(Tensor images, Tensor noise)
    {
        DType type = images.Type;
        Tensor normal = NoisePlanes.Normal(noise, type) * _noise;
        Tensor own = (Coarse(images) - _mean.Value.To(type)).MatMul(_read.Value.To(type).Transpose());
        return Fine((normal - own).MatMul(_write.Value.To(type).Transpose()), images.Size(2), images.Size(3));
    }

    /// <summary>Means over the cells of the coarse grid: [B, C·g·g].</summary>
    public Tensor Coarse(Tensor images) => images.AdaptiveAveragePool2d(_grid, _grid).Reshape(images.Size(0), -1);

    /// <summary>Coarse values as pictures, bilinear: [B, C, H, W].</summary>
    public Tensor Fine(Tensor coarse, long height, long width) => ImageOperators.Scale(coarse.Reshape(-1, _channels, _grid, _grid), height, width);

    /// <summary>Takes fitted values.</summary>
    public void Set(Tensor mean, Tensor read, Tensor write)
    {
        _mean.Value.CopyFrom(mean.To(DType.Float32));
        _read.Value.CopyFrom(read.To(DType.Float32));
        _write.Value.CopyFrom(write.To(DType.Float32));
    }

    /// <inheritdoc/>
    public override Tensor Reference(Tensor input, ReferencePass pass) => input;

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor input, ForwardContext context) => input;
}
