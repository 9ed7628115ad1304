namespace Pellicle.Mpc.Core;

/// <summary>Independent matrix products: [groups, rows, depth] · [groups, depth, columns], both of them results.</summary>
/// <param name="Products">Groups: heads of attention, times images.</param>
/// <param name="Height">Rows of each product.</param>
/// <param name="Length">Length of the inner products.</param>
/// <param name="Width">Columns of each product.</param>
public sealed record ProductMap(int Products, int Height, int Length, int Width) : LinearMap
{
    /// <inheritdoc/>
    public override int Groups => Products;

    /// <inheritdoc/>
    public override int Rows => Height;

    /// <inheritdoc/>
    public override int Depth => Length;

    /// <inheritdoc/>
    public override int Columns => Width;

    /// <inheritdoc/>
    public override int InputCount => checked(Products * Length * Width);

    /// <inheritdoc/>
    public override LinearMap ForImages(int images) => this with { Products = checked(Products * images) };

    /// <inheritdoc/>
    public override ReadOnlySpan<T> Unfold<T>(int group, ReadOnlySpan<T> input) => input.Slice(group * Length * Width, Length * Width);
}
