using Pellicle.Core.Errors;

namespace Pellicle.Data.Synthetic;

/// <summary>Makes procedural images that look medical and belong to nobody: for demonstrations, tests and methods that need a known truth.</summary>
public static class SyntheticImages
{
    /// <summary>The sentence that accompanies synthetic data wherever they go.</summary>
    public const string Notice = "SYNTHETIC – not patient data";

    /// <summary>Name of the file that marks a pack or folder as synthetic; it contains <see cref="Notice"/>.</summary>
    public const string MarkerFile = "SYNTHETIC.txt";

    /// <summary>Draws patients, labels and attributes; images are painted on demand by <see cref="SyntheticSet.Render"/>.</summary>
    /// <param name="options">What to generate.</param>
    /// <exception cref="UsageException">One or more options are out of range; lists all of them.</exception>
    public static SyntheticSet Generate(SyntheticOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return new SyntheticSet(options);
    }

    /// <summary>Writes an image pack: a stored ZIP with <c>labels.csv</c>, <c>SYNTHETIC.txt</c> and one PNG per image.</summary>
    /// <remarks>Equal options give equal bytes. The file appears under its name only when it is complete.</remarks>
    /// <param name="options">What to generate.</param>
    /// <param name="outPath">Path of the ZIP; its folder is created, a former file is replaced.</param>
    /// <param name="threads">Threads that paint, at least 1.</param>
    /// <exception cref="UsageException">One or more options are out of range; lists all of them.</exception>
    /// <exception cref="EnvironmentException">The folder is read-only or the disk is full.</exception>
    public static void Write(SyntheticOptions options, string outPath, int threads = 1) => SyntheticPack.Write(Generate(options), outPath, threads);
}
