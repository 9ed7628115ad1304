using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;

namespace Pellicle.Cli.Doctor;

/// <summary>Looks at everything that the program needs from the machine.</summary>
/// <param name="host">Environment and cores.</param>
/// <param name="runsFolder">Where runs go.</param>
internal sealed class MachineDoctor(AppHost host, string runsFolder)
{
    private const long GiB = 1L << 30;

    /// <summary>Runs all checks; none of them throws.</summary>
    public DoctorResult Run()
    {
        var native = NativeLibraries.Probe();
        long memory = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
        IReadOnlyList<string> features = Features();
        List<DoctorCheck> checks =
        [
            Runtime(),
            Processor(features),
            Cores(),
            Memory(memory),
            .. native.Checks,
            WritableFolder("runs folder", runsFolder),
            WritableFolder("temporary folder", Path.GetTempPath()),
            FreeDisk(runsFolder),
        ];
        return new DoctorResult(checks, new CpuDescription(host.Cores, features), memory, native.NativeVersion, native.LibtorchVersion);
    }

    private static DoctorCheck Runtime() =>
        new(".NET", Environment.Version.Major >= 10 ? DoctorStatus.Ok : DoctorStatus.Missing, $"{RuntimeInformation.FrameworkDescription} on {RuntimeInformation.OSDescription}", Environment.Version.Major >= 10 ? "" : "Install the .NET 10 runtime.");

    /// <summary>Instruction sets of this processor that matter here.</summary>
    public static IReadOnlyList<string> Features()
    {
        (string Name, bool IsSupported)[] known =
        [
            ("avx2", Avx2.IsSupported), ("fma", Fma.IsSupported), ("aes", Aes.IsSupported), ("avx512f", Avx512F.IsSupported),
            ("avx512bw", Avx512BW.IsSupported), ("avx512vbmi", Avx512Vbmi.IsSupported),
        ];
        IEnumerable<string> fromSystem = [];
        try
        {
            // The runtime does not know these; the kernel does.
            string flags = File.ReadLines("/proc/cpuinfo").FirstOrDefault(l => l.StartsWith("flags", StringComparison.Ordinal)) ?? "";
            string[] words = flags.Split(' ');
            fromSystem = new[] { "avx512_bf16", "avx512_vnni", "amx_bf16", "vaes" }.Where(words.Contains);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Not a Linux machine: the list is shorter.
        }

        return [.. known.Where(k => k.IsSupported).Select(k => k.Name), .. fromSystem];
    }

    private static DoctorCheck Processor(IReadOnlyList<string> features) =>
        features.Contains("avx2") && features.Contains("fma")
            ? new DoctorCheck("processor", DoctorStatus.Ok, string.Join(' ', features))
            : new DoctorCheck("processor", DoctorStatus.Missing, $"{RuntimeInformation.ProcessArchitecture}, without AVX2 or FMA", "Use an x86-64 processor with AVX2 (2013 or later).");

    private DoctorCheck Cores() =>
        host.Cores >= 2
            ? new DoctorCheck("cores", DoctorStatus.Ok, $"{host.Cores}")
            : new DoctorCheck("cores", DoctorStatus.Warning, "1", "Training uses all cores; one core is slow.");

    private static DoctorCheck Memory(long bytes) => bytes switch
    {
        >= 4 * GiB => new DoctorCheck("memory", DoctorStatus.Ok, Output.ReadableNumber.Bytes(bytes)),
        >= GiB => new DoctorCheck("memory", DoctorStatus.Warning, Output.ReadableNumber.Bytes(bytes), "Large models want 4 GiB or more; set --physical-batch small."),
        _ => new DoctorCheck("memory", DoctorStatus.Missing, Output.ReadableNumber.Bytes(bytes), "At least 1 GiB is needed."),
    };

    private static DoctorCheck WritableFolder(string name, string folder)
    {
        string nearest = Nearest(folder);
        try
        {
            string probe = Path.Combine(nearest, $".pellicle-{Environment.ProcessId}-{Guid.NewGuid():N}");
            using (new FileStream(probe, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1, FileOptions.DeleteOnClose))
            {
                return new DoctorCheck(name, DoctorStatus.Ok, $"{folder} is writable");
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new DoctorCheck(name, DoctorStatus.Missing, $"{folder}: {e.Message}", "Work in a writable folder, or give another one with --out.");
        }
    }

    private static DoctorCheck FreeDisk(string folder)
    {
        try
        {
            long free = new DriveInfo(Nearest(folder)).AvailableFreeSpace;
            return free >= GiB
                ? new DoctorCheck("free disk", DoctorStatus.Ok, Output.ReadableNumber.Bytes(free))
                : new DoctorCheck("free disk", DoctorStatus.Warning, Output.ReadableNumber.Bytes(free), "Runs with checkpoints of large models need 1 GiB or more.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return new DoctorCheck("free disk", DoctorStatus.Warning, $"unknown: {e.Message}", "Make sure that the disk has room.");
        }
    }

    // The folder itself, or what would become its parent.
    private static string Nearest(string folder)
    {
        string full = Path.GetFullPath(folder);
        while (!Directory.Exists(full) && Path.GetDirectoryName(full) is { } parent)
        {
            full = parent;
        }

        return full;
    }
}
