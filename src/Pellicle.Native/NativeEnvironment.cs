using System.Globalization;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;

namespace Pellicle.Native;

/// <summary>Settings of the numerical libraries, made before they load; variables that the user has set win.</summary>
internal static partial class NativeEnvironment
{
    /// <summary>Sets what libgomp and OpenBLAS read when they load.</summary>
    internal static void Prepare()
    {
        // Spinning threads of libgomp fight with other work on the machine: a step then takes many times as long.
        Set("OMP_WAIT_POLICY", "passive");
        Set("OMP_NUM_THREADS", ProcessorCount.Physical.ToString(CultureInfo.InvariantCulture));
        if (Avx512F.IsSupported)
        {
            // OpenBLAS does not know every processor and then takes a slow kernel.
            Set("OPENBLAS_CORETYPE", "SKYLAKEX");
        }
    }

    // Environment.SetEnvironmentVariable does not reach native code on Linux.
    private static void Set(string name, string value) => _ = setenv(name, value, 0);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int setenv(string name, string value, int overwrite);
}
