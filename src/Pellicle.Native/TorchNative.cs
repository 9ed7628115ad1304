using System.Runtime.InteropServices;

namespace Pellicle.Native;

/// <summary>Imports of <c>libpel.so</c>, one for one with <c>pel.h</c>. Every function returns 0, or -1 with the text in <c>pel_error</c>.</summary>
internal static unsafe partial class TorchNative
{
    private const string LibraryName = "pel";

    [LibraryImport(LibraryName)]
    internal static partial byte* pel_error();

    [LibraryImport(LibraryName)]
    internal static partial byte* pel_version();

    [LibraryImport(LibraryName, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int pel_op(string name, string overload, nint* op);

    [LibraryImport(LibraryName)]
    internal static partial int pel_call(nint op, NativeValue* args, int nargs, NativeValue* outs, int nouts);

    [LibraryImport(LibraryName)]
    internal static partial void pel_free(nint tensor);

    [LibraryImport(LibraryName)]
    internal static partial nint pel_retain(nint tensor);

    [LibraryImport(LibraryName)]
    internal static partial int pel_new(void* data, int dtype, long* sizes, int ndim, nint* result);

    [LibraryImport(LibraryName)]
    internal static partial int pel_read(nint tensor, void* destination, long bytes);

    [LibraryImport(LibraryName)]
    internal static partial int pel_info(nint tensor, int* dtype, int* ndim, long* sizes, void** data, long* numel);

    [LibraryImport(LibraryName)]
    internal static partial int pel_require_grad(nint tensor, int on);

    [LibraryImport(LibraryName)]
    internal static partial int pel_grad(nint loss, nint* inputs, int n, nint* grads);

    [LibraryImport(LibraryName)]
    internal static partial int pel_set_mode(int mode);

    [LibraryImport(LibraryName)]
    internal static partial int pel_threads(int n);

    [LibraryImport(LibraryName)]
    internal static partial int pel_seed(long seed);

    [LibraryImport(LibraryName)]
    internal static partial long pel_live();

    [LibraryImport(LibraryName)]
    internal static partial void pel_alloc_install(long limit);

    [LibraryImport(LibraryName)]
    internal static partial void pel_alloc_trim();

    [LibraryImport(LibraryName)]
    internal static partial long pel_alloc_held();

    internal static void Check(int status)
    {
        if (status != 0)
        {
            ThrowLast();
        }
    }

    private static void ThrowLast() => throw new TensorException(Marshal.PtrToStringUTF8((nint)pel_error()) ?? "unknown native error");
}
