using Pellicle.Native;

namespace Pellicle.Cli.Doctor;

/// <summary>Tries to load the native libraries and says what happened.</summary>
/// <param name="Checks">One for each library.</param>
/// <param name="NativeVersion">Version of ours; null if it cannot be loaded.</param>
/// <param name="LibtorchVersion">Version of libtorch; null if it cannot be loaded.</param>
internal sealed record NativeLibraries(IReadOnlyList<DoctorCheck> Checks, string? NativeVersion, string? LibtorchVersion)
{
    /// <summary>Loads the libraries; never throws.</summary>
    public static NativeLibraries Probe()
    {
        string? torch = Try(() => NativeRuntime.TorchVersion, out string torchFailure);
        string? images = Try(() => ImageCodec.Version, out string imageFailure);
        string? dicom = Try(() => DicomDecoder.Version, out string dicomFailure);
        string own = AppVersion.Text;
        List<DoctorCheck> checks =
        [
            torch is null
                ? new DoctorCheck("tensor library", DoctorStatus.Missing, torchFailure, "Install libtorch-dev, libdnnl-dev and libopenblas0-openmp, then build again with ./build.sh.")
                : new DoctorCheck("tensor library", DoctorStatus.Ok, $"libpel {own} over libtorch {torch}"),
            images is null
                ? new DoctorCheck("image library", DoctorStatus.Missing, imageFailure, "Install libjpeg-dev and libpng-dev, then build again with ./build.sh.")
                : new DoctorCheck("image library", DoctorStatus.Ok, images),
            dicom is null
                ? new DoctorCheck("DICOM library", DoctorStatus.Warning, dicomFailure, "Only DICOM images need it: install libgdcm-dev, then build again with ./build.sh.")
                : new DoctorCheck("DICOM library", DoctorStatus.Ok, dicom),
            Blas(),
        ];
        return new NativeLibraries(checks, torch is null ? null : own, torch);
    }

    // The system's alternatives decide which BLAS libtorch loads; the pthread build fights with OpenMP threads.
    private static DoctorCheck Blas()
    {
        try
        {
            string? loaded = File.ReadLines("/proc/self/maps")
                .Select(line => line[(line.LastIndexOf(' ') + 1)..])
                .FirstOrDefault(path => Path.GetFileName(path).Contains("blas", StringComparison.OrdinalIgnoreCase));
            return loaded is null
                ? new DoctorCheck("BLAS", DoctorStatus.Warning, "none is loaded", "Install libopenblas0-openmp.")
                : loaded.Contains("openblas", StringComparison.OrdinalIgnoreCase)
                    ? new DoctorCheck("BLAS", DoctorStatus.Ok, loaded)
                    : new DoctorCheck("BLAS", DoctorStatus.Warning, loaded, "The reference BLAS is slow: install libopenblas0-openmp.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new DoctorCheck("BLAS", DoctorStatus.Warning, "cannot be told on this system");
        }
    }

    private static string? Try(Func<string> probe, out string failure)
    {
        failure = "";
        try
        {
            return probe();
        }
#pragma warning disable CA1031 // Whatever goes wrong while loading a foreign library is exactly what this check reports.
        catch (Exception e)
#pragma warning restore CA1031
        {
            failure = (e is TypeInitializationException { InnerException: { } inner } ? inner : e).Message.Split('\n')[0];
            return null;
        }
    }
}
