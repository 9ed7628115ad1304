using System.Runtime.CompilerServices;
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
        TensorScope.Current?.Add(this);
    }

    /// <summary>Number of elements.</summary>
    public long Count
    {
        get
        {
            Info(out _, out _, out _, out _, out long count);
            return count;
        }
    }

    /// <summary>Number of dimensions.</summary>
    public int Rank
    {
        get
        {
            Info(out _, out int rank, out _, out _, out _);
            return rank;
        }
    }

    /// <summary>Element type.</summary>
    public DType Type
    {
        get
        {
            Info(out DType type, out _, out _, out _, out _);
            return type;
        }
    }

    /// <summary>Extents, outermost first.</summary>
    public long[] Shape
    {
        get
        {
            Info(out _, out int rank, out Extents extents, out _, out _);
            return ((ReadOnlySpan<long>)extents)[..rank].ToArray();
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
    public long Size(int dimension)
    {
        Info(out _, out int rank, out Extents extents, out _, out _);
        return extents[dimension < 0 ? rank + dimension : dimension];
    }

    /// <summary>The elements in place; the tensor must be contiguous. Valid only while this tensor lives: keep it inside one method.</summary>
    /// <typeparam name="T">Element type as stored.</typeparam>
    public Span<T> Data<T>()
        where T : unmanaged
    {
        Info(out _, out _, out _, out void* data, out long count);
        return new Span<T>(data, checked((int)count));
    }

    /// <summary>Copies the elements out, in row-major order.</summary>
    /// <typeparam name="T">Element type as stored.</typeparam>
    public T[] ToArray<T>()
        where T : unmanaged
    {
        var result = new T[Count];
        fixed (T* first = result)
        {
            TorchNative.Check(TorchNative.pel_read(Handle, first, checked((long)result.Length * sizeof(T))));
        }

        return result;
    }

    /// <summary>The value of a tensor with one element, of any type.</summary>
    public double Item()
    {
        using Tensor asDouble = AtenOperators.ToDType.Call(this, DType.Float64, false, false).Detached();
        double value;
        TorchNative.Check(TorchNative.pel_read(asDouble.Handle, &value, sizeof(double)));
        return value;
    }

    /// <summary>Marks the tensor as a leaf to differentiate for.</summary>
    /// <returns>The same tensor.</returns>
    public Tensor RequireGradient()
    {
        TorchNative.Check(TorchNative.pel_require_grad(Handle, 1));
        return this;
    }

    /// <summary>Derivatives of a scalar with respect to recorded tensors.</summary>
    /// <param name="loss">One element.</param>
    /// <param name="inputs">Recorded tensors.</param>
    /// <returns>One tensor an input, null where the loss does not depend on it.</returns>
    public static Tensor?[] Gradients(Tensor loss, ReadOnlySpan<Tensor> inputs)
    {
        ArgumentNullException.ThrowIfNull(loss);
        var handles = new nint[inputs.Length];
        var results = new nint[inputs.Length];
        for (int i = 0; i < inputs.Length; i++)
        {
            handles[i] = inputs[i].Handle;
        }

        fixed (nint* h = handles, r = results)
        {
            TorchNative.Check(TorchNative.pel_grad(loss.Handle, h, inputs.Length, r));
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
            TorchNative.pel_free(handle);
        }
    }

    private void Info(out DType type, out int rank, out Extents extents, out void* data, out long count)
    {
        int t;
        int r;
        void* d;
        long n;
        Unsafe.SkipInit(out extents);
        fixed (Extents* e = &extents)
        {
            TorchNative.Check(TorchNative.pel_info(Handle, &t, &r, (long*)e, &d, &n));
        }

        type = (DType)t;
        rank = r;
        data = d;
        count = n;
    }

    [InlineArray(8)]
    private struct Extents
    {
        private long _first;
    }
}
