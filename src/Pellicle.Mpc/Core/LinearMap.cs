using System.Text.Json.Serialization;

namespace Pellicle.Mpc.Core;

/// <summary>The public shape of a linear layer: which inputs meet which weights. Values are [channel][row][column][image], images innermost.</summary>
/// <remarks>Each group is one product of a weight matrix [Rows, Depth] and a matrix [Depth, Columns] of inputs, laid out by <see cref="Unfold"/>.</remarks>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(DenseMap), "dense")]
[JsonDerivedType(typeof(ConvolutionMap), "convolution")]
[JsonDerivedType(typeof(TokenMap), "token")]
public abstract record LinearMap
{
    /// <summary>Independent products, 1 for all but grouped convolutions.</summary>
    public abstract int Groups { get; }

    /// <summary>Outputs that share the same inputs, of one group.</summary>
    public abstract int Rows { get; }

    /// <summary>Length of the inner products.</summary>
    public abstract int Depth { get; }

    /// <summary>Positions times images.</summary>
    public abstract int Columns { get; }

    /// <summary>The same layer for several times as many images at once.</summary>
    /// <param name="images">Factor, at least 1.</param>
    public abstract LinearMap ForImages(int images);

    /// <summary>Elements of the input.</summary>
    public abstract int InputCount { get; }

    /// <summary>Elements of the weight: [Groups, Rows, Depth].</summary>
    public int WeightCount => checked(Groups * Rows * Depth);

    /// <summary>Elements of the output: [Groups, Rows, Columns].</summary>
    public int OutputCount => checked(Groups * Rows * Columns);

    /// <summary>Multiply-additions of one product.</summary>
    public long MultiplyAdds => (long)Groups * Rows * Depth * Columns;

    /// <summary>Lays the inputs of a group out as a matrix.</summary>
    /// <typeparam name="T">Ring elements, or plain numbers.</typeparam>
    /// <param name="group">0 to <see cref="Groups"/> - 1.</param>
    /// <param name="input">All inputs.</param>
    /// <returns>[Depth, Columns].</returns>
    public abstract ReadOnlySpan<T> Unfold<T>(int group, ReadOnlySpan<T> input)
        where T : struct;

    /// <summary>True if inputs are laid out by columns with <see cref="UnfoldColumns"/>.</summary>
    public virtual bool IsLaidOutByColumns => false;

    /// <summary>Columns that should be laid out at once, so that what is laid out stays in the cache; all of them if laying out costs nothing.</summary>
    public virtual int ColumnsAtOnce => Columns;

    /// <summary>Lays some columns of the inputs of a group out as a matrix.</summary>
    /// <typeparam name="T">Ring elements, or plain numbers.</typeparam>
    /// <param name="group">0 to <see cref="Groups"/> - 1.</param>
    /// <param name="input">All inputs.</param>
    /// <param name="first">First column, a multiple of <see cref="ColumnsAtOnce"/>.</param>
    /// <param name="columns">[Depth, count], overwritten.</param>
    public virtual void UnfoldColumns<T>(int group, ReadOnlySpan<T> input, int first, Span<T> columns)
        where T : struct =>
        throw new NotSupportedException($"{GetType().Name} is laid out as a whole.");
}
