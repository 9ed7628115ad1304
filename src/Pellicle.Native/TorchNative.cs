using System.Runtime.InteropServices;

namespace Pellicle.Native;

/// <summary>Imports of <c>libpel.so</c>, one for one with <c>pel.h</c>. Functions that return int give 0, or -1 with the text in <c>pel_error_text</c>.</summary>
internal static unsafe partial class TorchNative
{
    /// <summary>The interface this side was written for: <c>PEL_ABI</c> of <c>pel.h</c>.</summary>
    internal const int Abi = 3;

    internal const string LibraryName = "pel";

    private const int MaximumRank = 8;

    [LibraryImport(LibraryName)]
    internal static partial byte* pel_error_text();

    [LibraryImport(LibraryName)]
    internal static partial byte* pel_runtime_torch_version();

    [LibraryImport(LibraryName)]
    internal static partial int pel_runtime_threads(int n);

    [LibraryImport(LibraryName)]
    internal static partial long pel_runtime_live();

    [LibraryImport(LibraryName)]
    internal static partial byte* pel_kernels_variants();

    [LibraryImport(LibraryName)]
    internal static partial byte* pel_kernels_active();

    [LibraryImport(LibraryName, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int pel_kernels_select(string name);

    [LibraryImport(LibraryName)]
    internal static partial int pel_tensor_new(void* data, int dtype, long* sizes, int rank, nint* result);

    [LibraryImport(LibraryName)]
    internal static partial int pel_tensor_read(nint tensor, void* destination, long bytes);

    [LibraryImport(LibraryName)]
    internal static partial int pel_tensor_describe(nint tensor, TensorInfo* info);

    [LibraryImport(LibraryName)]
    internal static partial void pel_tensor_free(nint tensor);

    [LibraryImport(LibraryName)]
    internal static partial int pel_tensor_require_gradient(nint tensor);

    [LibraryImport(LibraryName)]
    internal static partial int pel_gradient_compute(nint loss, nint* inputs, int n, int release, nint* gradients);

    [LibraryImport(LibraryName)]
    internal static partial int pel_gradient_mode(int mode);

    [LibraryImport(LibraryName, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int pel_operator_find(string name, string overload, nint* op);

    [LibraryImport(LibraryName)]
    internal static partial int pel_operator_call(nint op, NativeValue* args, int nargs, NativeValue* outs, int nouts);

    [LibraryImport(LibraryName)]
    internal static partial void pel_allocator_install(long limit);

    [LibraryImport(LibraryName)]
    internal static partial void pel_allocator_trim();

    [LibraryImport(LibraryName)]
    internal static partial long pel_allocator_held();

    [LibraryImport(LibraryName)]
    internal static partial int pel_noise_supported();

    [LibraryImport(LibraryName)]
    internal static partial int pel_noise_keystream(byte* key, ulong step, ulong block, ulong* words, long blocks);

    [LibraryImport(LibraryName)]
    internal static partial int pel_noise_add(byte* key, ulong step, double deviation, double grid, double divisor, float** data, long* counts, int n);

    internal static void Check(int status)
    {
        if (status != 0)
        {
            ThrowLast();
        }
    }

    internal static string Text(byte* text) => Marshal.PtrToStringUTF8((nint)text) ?? "";

    private static void ThrowLast() => throw new TensorException(Text(pel_error_text()));

    /// <summary>The layout of <c>pel_tensor_info</c>.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct TensorInfo
    {
        internal int Type;
        internal int Rank;
        internal int IsContiguous;
        internal int Reserved;
        internal long Count;
        internal void* Data;
        internal fixed long Sizes[MaximumRank];
    }
}
