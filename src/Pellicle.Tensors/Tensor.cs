using System.Diagnostics;
using Pellicle.Native;

namespace Pellicle.Tensors;

/// <summary>An n-dimensional array in native memory, held by a handle without a finalizer: a <see cref="TensorScope"/> or its owner frees it.</summary>
/// <remarks>Not thread-safe; all calls of one model happen on one thread at a time.</remarks>
public sealed unsafe partial class Tensor : IDisposable
{
    private nint _handle;

    internal Tensor(nint handle)
    {
        _handle = handle;
        TensorScope? scope = TensorScope.Current;
        if (scope is not null)
        {
            scope.Add(this);
        }
        else
        {
            CountUnscoped();
        }
    }

    /// <summary>Number of elements.</summary>
    public long Count => Describe().Count;

    /// <summary>Number of dimensions.</summary>
    public int Rank => Describe().Rank;

    /// <summary>Element type.</summary>
    public DType Type => (DType)Describe().Type;

    /// <summary>True if the elements lie in row-major order without gaps.</summary>
    public bool IsContiguous => Describe().IsContiguous != 0;

    /// <summary>Extents, outermost first.</summary>
    public long[] Shape
    {
        get
        {
            TorchNative.TensorInfo info = Describe();
            return new ReadOnlySpan<long>(info.Sizes, info.Rank).ToArray();
        }
    }

    internal nint Handle => _handle != 0 ? _handle : throw new ObjectDisposedException(nameof(Tensor));

    internal int Slot { get; set; }

    internal TensorScope? Owner { get; set; }

    /// <summary>Frees the tensor now.</summary>
    public void Dispose()
    {
        Owner?.Remove(this);
        Free();
    }

    /// <summary>Takes the tensor out of every scope: its owner must dispose it.</summary>
    /// <returns>The same tensor.</returns>
    public Tensor Detached()
    {
        Owner?.Remove(this);
        return this;
    }

    /// <summary>Extent of one dimension.</summary>
    /// <param name="dimension">Negative counts from the end.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such dimension.</exception>
    public long Size(int dimension)
    {
        TorchNative.TensorInfo info = Describe();
        int index = dimension < 0 ? info.Rank + dimension : dimension;
        if (index < 0 || index >= info.Rank)
        {
            throw new ArgumentOutOfRangeException(nameof(dimension), dimension, $"The tensor has {info.Rank} dimensions.");
        }

        return info.Sizes[index];
    }

    /// <summary>The elements in place. Valid only while this tensor lives: keep it inside one method.</summary>
    /// <typeparam name="T">Element type as stored; float, double, long, int, byte, bool, or ushort for the bits of bfloat16.</typeparam>
    /// <exception cref="InvalidOperationException">The tensor is not contiguous, has another type, or has 2³¹ elements and more.</exception>
    public Span<T> Data<T>()
        where T : unmanaged
    {
        TorchNative.TensorInfo info = Describe();
        CheckType<T>((DType)info.Type);
        if (info.IsContiguous == 0)
        {
            throw new InvalidOperationException("The tensor is a view with gaps or reordered dimensions; take Contiguous() first.");
        }

        if (info.Count > int.MaxValue)
        {
            throw new InvalidOperationException($"{info.Count} elements do not fit a span.");
        }

        return new Span<T>(info.Data, (int)info.Count);
    }

    /// <summary>Copies the elements out, in row-major order.</summary>
    /// <typeparam name="T">Element type as stored.</typeparam>
    /// <exception cref="InvalidOperationException">The tensor has another type.</exception>
    public T[] ToArray<T>()
        where T : unmanaged
    {
        TorchNative.TensorInfo info = Describe();
        CheckType<T>((DType)info.Type);
        var result = new T[info.Count];
        fixed (T* first = result)
        {
            TorchNative.Check(TorchNative.pel_tensor_read(Handle, first, checked((long)result.Length * sizeof(T))));
        }

        return result;
    }

    /// <summary>The value of a tensor with one element, of any type.</summary>
    public double Item()
    {
        using Tensor asDouble = AtenOperators.ToDType.Call(this, DType.Float64, false, false).Detached();
        double value;
        TorchNative.Check(TorchNative.pel_tensor_read(asDouble.Handle, &value, sizeof(double)));
        return value;
    }

    /// <summary>Marks the tensor as a leaf to differentiate for.</summary>
    /// <returns>The same tensor.</returns>
    public Tensor RequireGradient()
    {
        TorchNative.Check(TorchNative.pel_tensor_require_gradient(Handle));
        return this;
    }

    /// <summary>Derivatives of a scalar with respect to recorded tensors.</summary>
    /// <param name="loss">One element.</param>
    /// <param name="inputs">Recorded tensors.</param>
    /// <returns>One tensor an input, null where the loss does not depend on it.</returns>
    public static Tensor?[] Gradients(Tensor loss, ReadOnlySpan<Tensor> inputs)
    {
        ArgumentNullException.ThrowIfNull(loss);
        return Gradients(loss, inputs, release: false);
    }

    /// <summary>The same, and frees the inputs before the backward pass begins: their memory is given back as soon as the graph does not need it.</summary>
    /// <param name="loss">One element.</param>
    /// <param name="inputs">Recorded tensors; they must not be used afterwards, also if the call fails.</param>
    /// <returns>One tensor an input, null where the loss does not depend on it.</returns>
    public static Tensor?[] GradientsReleasing(Tensor loss, ReadOnlySpan<Tensor> inputs)
    {
        ArgumentNullException.ThrowIfNull(loss);
        return Gradients(loss, inputs, release: true);
    }

    private static Tensor?[] Gradients(Tensor loss, ReadOnlySpan<Tensor> inputs, bool release)
    {
        var handles = new nint[inputs.Length];
        var results = new nint[inputs.Length];
        for (int i = 0; i < inputs.Length; i++)
        {
            handles[i] = inputs[i].Handle;
        }

        if (release)
        {
            // From here on the native side owns the references.
            foreach (Tensor input in inputs)
            {
                input.Detached()._handle = 0;
            }
        }

        fixed (nint* h = handles, r = results)
        {
            TorchNative.Check(TorchNative.pel_gradient_compute(loss.Handle, h, inputs.Length, release ? 1 : 0, r));
        }

        return Array.ConvertAll(results, handle => handle == 0 ? null : new Tensor(handle));
    }

    internal void Free()
    {
        nint handle = _handle;
        _handle = 0;
        Owner = null;
        if (handle != 0)
        {
            TorchNative.pel_tensor_free(handle);
        }
    }

    [Conditional("DEBUG")]
    private static void CountUnscoped() => NativeRuntime.NoteUnscopedTensor();

    private static void CheckType<T>(DType type)
        where T : unmanaged
    {
        bool matches = typeof(T) == typeof(ushort) ? type == DType.BFloat16 : TypeOf<T>() == type;
        if (!matches)
        {
            throw new InvalidOperationException($"The tensor holds {type}, not {typeof(T).Name}.");
        }
    }

    private TorchNative.TensorInfo Describe()
    {
        TorchNative.TensorInfo info;
        TorchNative.Check(TorchNative.pel_tensor_describe(Handle, &info));
        return info;
    }
}
