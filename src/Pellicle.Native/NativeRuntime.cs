using System.Runtime.InteropServices;

namespace Pellicle.Native;

/// <summary>Process-wide settings and counters of the native tensor library.</summary>
public static unsafe class NativeRuntime
{
    private static readonly Lock Gate = new();
    private static bool s_started;

    /// <summary>Version of the libtorch beneath.</summary>
    public static string TorchVersion => Marshal.PtrToStringUTF8((nint)TorchNative.pel_version())!;

    /// <summary>Tensor handles given out and not yet freed.</summary>
    public static long LiveTensors => TorchNative.pel_live();

    /// <summary>Bytes kept by the caching allocator for reuse.</summary>
    public static long CachedBytes => TorchNative.pel_alloc_held();

    /// <summary>Sets the environment of the numerical libraries, installs the caching allocator and the thread count. The first call wins.</summary>
    /// <param name="threads">Threads of numerical kernels, at least 1.</param>
    /// <param name="cacheLimitBytes">Most bytes that freed tensors keep.</param>
    public static void Start(int threads, long cacheLimitBytes = 8L << 30)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        lock (Gate)
        {
            if (!s_started)
            {
                TorchNative.pel_alloc_install(cacheLimitBytes);
                s_started = true;
            }

            TorchNative.Check(TorchNative.pel_threads(threads));
        }
    }

    /// <summary>Gives cached memory back to the system.</summary>
    public static void TrimMemory() => TorchNative.pel_alloc_trim();
}
