using System.Runtime.InteropServices;

namespace Pellicle.Native;

/// <summary>Process-wide settings and counters of the native tensor library. The library starts by itself at the first call, with the
/// physical cores as threads and a cache of 8 GiB.</summary>
public static unsafe class NativeRuntime
{
    private static long s_unscoped;
    private static long s_cacheLimit = 8L << 30;
    private static int s_threads;
    private static bool s_loaded;

    /// <summary>Version of the libtorch beneath.</summary>
    public static string TorchVersion => TorchNative.Text(TorchNative.pel_runtime_torch_version());

    /// <summary>Tensor handles given out and not yet freed.</summary>
    public static long LiveTensors => TorchNative.pel_runtime_live();

    /// <summary>Bytes kept by the caching allocator for reuse.</summary>
    public static long CachedBytes => TorchNative.pel_allocator_held();

    /// <summary>Threads of numerical kernels.</summary>
    public static int Threads => s_threads > 0 ? s_threads : ProcessorCount.Physical;

    /// <summary>Tensors made outside any scope, which their owner must dispose by hand; counted in Debug builds only.</summary>
    public static long UnscopedTensors => Interlocked.Read(ref s_unscoped);

    /// <summary>Kernel variants that this processor can run, best first; the last one always can.</summary>
    public static IReadOnlyList<string> KernelVariants => TorchNative.Text(TorchNative.pel_kernels_variants()).Split(' ');

    /// <summary>The kernel variant in use.</summary>
    public static string ActiveKernels => TorchNative.Text(TorchNative.pel_kernels_active());

    /// <summary>Sets the thread count and the limit of the allocator. May be called at any time; the last call wins.</summary>
    /// <param name="threads">Threads of numerical kernels (ours, libtorch's and OpenBLAS'), at least 1.</param>
    /// <param name="cacheLimitBytes">Most bytes that freed tensors keep.</param>
    public static void Start(int threads, long cacheLimitBytes = 8L << 30)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(cacheLimitBytes);
        s_threads = threads;
        s_cacheLimit = cacheLimitBytes;
        TorchNative.Check(TorchNative.pel_runtime_threads(threads));
        TorchNative.pel_allocator_install(cacheLimitBytes);
    }

    /// <summary>Forces a kernel variant, for tests and diagnosis.</summary>
    /// <param name="variant">One of <see cref="KernelVariants"/>; empty for the best.</param>
    /// <exception cref="TensorException">This processor does not run it.</exception>
    public static void SelectKernels(string variant) => TorchNative.Check(TorchNative.pel_kernels_select(variant));

    /// <summary>Gives cached memory back to the system.</summary>
    public static void TrimMemory() => TorchNative.pel_allocator_trim();

    /// <summary>Counts a tensor made outside any scope.</summary>
    internal static void NoteUnscopedTensor() => Interlocked.Increment(ref s_unscoped);

    /// <summary>First work after the load, before any tensor exists. Goes by function pointers: imports would enter the resolver again.</summary>
    /// <param name="library">Handle of the loaded library.</param>
    internal static void Initialise(nint library)
    {
        if (s_loaded)
        {
            return;
        }

        s_loaded = true;
        ((delegate* unmanaged<long, void>)NativeLibrary.GetExport(library, "pel_allocator_install"))(s_cacheLimit);
        _ = ((delegate* unmanaged<int, int>)NativeLibrary.GetExport(library, "pel_runtime_threads"))(Threads);
    }
}
