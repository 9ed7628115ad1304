namespace Pellicle.Mpc.Core;

/// <summary>A fully connected layer on each token of [token][channel][image]; results are [channel][token][image], as of every linear map.</summary>
/// <param name="OutputWidth">Rows.</param>
/// <param name="InputWidth">Depth.</param>
/// <param name="Tokens">Tokens of an image.</param>
/// <param name="Batch">Images.</param>
public sealed record TokenMap(int OutputWidth, int InputWidth, int Tokens, int Batch = 1) : LinearMap
{
    /// <inheritdoc/>
    public override int Groups => 1;

    /// <inheritdoc/>
    public override int Rows => OutputWidth;

    /// <inheritdoc/>
    public override int Depth => InputWidth;

    /// <inheritdoc/>
    public override int Columns => checked(Tokens * Batch);

    /// <inheritdoc/>
    public override int InputCount => checked(InputWidth * Tokens * Batch);

    /// <inheritdoc/>
    public override LinearMap ForImages(int images) => this with { Batch = checked(Batch * images) };

    /// <inheritdoc/>
    public override ReadOnlySpan<T> Unfold<T>(int group, ReadOnlySpan<T> input)
    {
        var columns = new T[InputCount];
        for (int t = 0; t < Tokens; t++)
        {
            for (int k = 0; k < InputWidth; k++)
            {
                input.Slice(((t * InputWidth) + k) * Batch, Batch).CopyTo(columns.AsSpan((((k * Tokens) + t) * Batch), Batch));
            }
        }

        return columns;
    }
}
