using System.Runtime.CompilerServices;
using Pellicle.Native;

namespace Pellicle.Tensors;

/// <summary>An operator of libtorch's dispatcher, or one of our own ("pel::…"), looked up once by name and overload.</summary>
/// <remarks>Trailing arguments left out take the schema's defaults. Arguments are borrowed; results belong to the current <see cref="TensorScope"/>.</remarks>
public sealed unsafe class TensorOperator
{
    private readonly Lazy<nint> _handle;

    /// <summary>Names an operator; it is looked up at the first call.</summary>
    /// <param name="name">Such as "aten::add".</param>
    /// <param name="overload">Such as "Tensor"; empty for the only one.</param>
    public TensorOperator(string name, string overload = "")
    {
        Name = overload.Length == 0 ? name : name + "." + overload;
        _handle = new Lazy<nint>(() =>
        {
            nint handle;
            TorchNative.Check(TorchNative.pel_operator_find(name, overload, &handle));
            return handle;
        });
    }

    /// <summary>Name with overload.</summary>
    public string Name { get; }

    /// <summary>Throws if the library has no such operator.</summary>
    public void Resolve() => _ = _handle.Value;

    /// <summary>Calls an operator with one tensor result.</summary>
    /// <param name="arguments">In schema order.</param>
    public Tensor Call(params ReadOnlySpan<OpArgument> arguments)
    {
        NativeValue result;
        Invoke(arguments, &result, 1);
        return new Tensor((nint)result.Pointer);
    }

    /// <summary>Calls an operator with several tensor results.</summary>
    /// <param name="count">Room for results; those that the schema leaves undefined come back as null.</param>
    /// <param name="arguments">In schema order.</param>
    public Tensor?[] CallMany(int count, params ReadOnlySpan<OpArgument> arguments)
    {
        NativeValue* results = stackalloc NativeValue[count];
        Invoke(arguments, results, count);
        var tensors = new Tensor?[count];
        for (int i = 0; i < count; i++)
        {
            tensors[i] = results[i].Tag == NativeTag.Tensor && results[i].Pointer != null ? new Tensor((nint)results[i].Pointer) : null;
        }

        return tensors;
    }

    /// <summary>Calls an in-place operator, whose result is its argument: no new handle is kept.</summary>
    /// <param name="arguments">In schema order.</param>
    public void Apply(params ReadOnlySpan<OpArgument> arguments)
    {
        NativeValue result;
        Invoke(arguments, &result, 1);
        if (result.Tag == NativeTag.Tensor)
        {
            TorchNative.pel_tensor_free((nint)result.Pointer);
        }
    }

    /// <summary>Calls an operator whose result is a number.</summary>
    /// <param name="arguments">In schema order.</param>
    public double CallNumber(params ReadOnlySpan<OpArgument> arguments)
    {
        NativeValue result;
        Invoke(arguments, &result, 1);
        return result.Tag == NativeTag.Number ? result.Number : result.Integer;
    }

    private void Invoke(ReadOnlySpan<OpArgument> arguments, NativeValue* results, int count)
    {
        // OpArgument holds nothing but one NativeValue, so the span can be passed as it is.
        fixed (OpArgument* first = arguments)
        {
            System.Diagnostics.Debug.Assert(Unsafe.SizeOf<OpArgument>() == Unsafe.SizeOf<NativeValue>(), "OpArgument must stay 16 bytes");
            TorchNative.Check(TorchNative.pel_operator_call(_handle.Value, (NativeValue*)first, arguments.Length, results, count));
        }
    }
}
