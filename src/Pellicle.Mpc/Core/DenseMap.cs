namespace Pellicle.Mpc.Core;

/// <summary>A fully connected layer, or any matrix product: [rows, depth] · [depth, columns].</summary>
/// <param name="OutputWidth">Rows.</param>
/// <param name="InputWidth">Depth.</param>
/// <param name="Batch">Columns: images, or tokens times images.</param>
public sealed record DenseMap(int OutputWidth, int InputWidth, int Batch) : LinearMap
{
    /// <inheritdoc/>
    public override int Groups => 1;

    /// <inheritdoc/>
    public override int Rows => OutputWidth;

    /// <inheritdoc/>
    public override int Depth => InputWidth;

    /// <inheritdoc/>
    public override int Columns => Batch;

    /// <inheritdoc/>
    public override int InputCount => checked(InputWidth * Batch);

    /// <inheritdoc/>
    public override LinearMap ForImages(int images) => this with { Batch = checked(Batch * images) };

    /// <inheritdoc/>
    public override ReadOnlySpan<T> Unfold<T>(int group, ReadOnlySpan<T> input) => input;
}
