namespace Pellicle.Tensors;

public sealed unsafe partial class Tensor
{
    /// <summary>The same elements under another shape; a view where possible.</summary>
    /// <param name="shape">One extent may be -1.</param>
    public Tensor Reshape(params ReadOnlySpan<long> shape)
    {
        fixed (long* sizes = shape)
        {
            return AtenOperators.Reshape.Call(this, OpArgument.Integers(sizes, shape.Length));
        }
    }

    /// <summary>View with two dimensions exchanged.</summary>
    /// <param name="first">Negative counts from the end.</param>
    /// <param name="second">Negative counts from the end.</param>
    public Tensor Transpose(int first = -1, int second = -2) => AtenOperators.Transpose.Call(this, first, second);

    /// <summary>View with reordered dimensions.</summary>
    /// <param name="order">A permutation of 0 … rank-1.</param>
    public Tensor Permute(params ReadOnlySpan<long> order)
    {
        fixed (long* o = order)
        {
            return AtenOperators.Permute.Call(this, OpArgument.Integers(o, order.Length));
        }
    }

    /// <summary>View of a range of one dimension.</summary>
    /// <param name="dimension">Which.</param>
    /// <param name="start">First index.</param>
    /// <param name="length">Extent of the result.</param>
    public Tensor Narrow(int dimension, long start, long length) => AtenOperators.Narrow.Call(this, dimension, start, length);

    /// <summary>View with extents of 1 repeated without copying.</summary>
    /// <param name="shape">Wanted extents.</param>
    public Tensor Expand(params ReadOnlySpan<long> shape)
    {
        fixed (long* sizes = shape)
        {
            return AtenOperators.Expand.Call(this, OpArgument.Integers(sizes, shape.Length), false);
        }
    }

    /// <summary>View without one dimension.</summary>
    /// <param name="dimension">Which; negative counts from the end.</param>
    /// <param name="index">Index kept.</param>
    public Tensor Select(long dimension, long index) => AtenOperators.Select.Call(this, dimension, index);

    /// <summary>Copies chosen slices.</summary>
    /// <param name="dimension">Which; negative counts from the end.</param>
    /// <param name="indices">[M], type <see cref="DType.Int64"/> or <see cref="DType.Int32"/>.</param>
    public Tensor IndexSelect(long dimension, Tensor indices) => AtenOperators.IndexSelect.Call(this, dimension, indices);

    /// <summary>One element for each index: result[i, j] = this[i, indices[i, j]] for dimension 1.</summary>
    /// <param name="dimension">Which; negative counts from the end.</param>
    /// <param name="indices">The rank of this tensor, type <see cref="DType.Int64"/>.</param>
    public Tensor Gather(long dimension, Tensor indices) => AtenOperators.Gather.Call(this, dimension, indices, false);

    /// <summary>View with a new dimension of extent 1.</summary>
    /// <param name="dimension">Its place.</param>
    public Tensor Unsqueeze(long dimension) => AtenOperators.Unsqueeze.Call(this, dimension);

    /// <summary>View without a dimension of extent 1.</summary>
    /// <param name="dimension">Its place.</param>
    public Tensor Squeeze(long dimension) => AtenOperators.Squeeze.Call(this, dimension);

    /// <summary>All windows as columns.</summary>
    /// <param name="window">Padding counts as zeros.</param>
    /// <returns>[N, C · kh · kw, T]; <see cref="PellicleOperators.Unfold"/> gives rows instead.</returns>
    public Tensor UnfoldColumns(Window2d window)
    {
        var geometry = new WindowArguments(&window);
        return AtenOperators.Im2Col.Call(this, geometry.Kernel, geometry.Dilation, geometry.Padding, geometry.Stride);
    }

    /// <summary>Row-major copy, or itself if it already is.</summary>
    public Tensor Contiguous() => AtenOperators.Contiguous.Call(this);

    /// <summary>The same values outside the derivative graph.</summary>
    public Tensor Detach() => AtenOperators.Detach.Call(this);

    /// <summary>A copy with its own memory.</summary>
    public Tensor Clone() => AtenOperators.Clone.Call(this);

    /// <summary>Overwrites this tensor's elements.</summary>
    /// <param name="source">A shape that broadcasts to this one.</param>
    public void CopyFrom(Tensor source) => AtenOperators.CopyInPlace.Apply(this, source);

    /// <summary>Joins tensors along a dimension.</summary>
    /// <param name="dimension">Which.</param>
    /// <param name="parts">Equal in all other dimensions.</param>
    public static Tensor Concatenate(int dimension, params ReadOnlySpan<Tensor> parts)
    {
        nint* handles = stackalloc nint[parts.Length];
        for (int i = 0; i < parts.Length; i++)
        {
            handles[i] = parts[i].Handle;
        }

        return AtenOperators.Cat.Call(OpArgument.Tensors(handles, parts.Length), dimension);
    }

    /// <summary>Joins tensors along a new dimension.</summary>
    /// <param name="dimension">Its place.</param>
    /// <param name="parts">Equal shapes.</param>
    public static Tensor Stack(int dimension, params ReadOnlySpan<Tensor> parts)
    {
        nint* handles = stackalloc nint[parts.Length];
        for (int i = 0; i < parts.Length; i++)
        {
            handles[i] = parts[i].Handle;
        }

        return AtenOperators.Stack.Call(OpArgument.Tensors(handles, parts.Length), dimension);
    }
}
