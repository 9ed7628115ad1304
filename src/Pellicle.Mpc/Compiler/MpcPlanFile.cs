using System.Text.Json;
using Pellicle.Core.Errors;
using Pellicle.Core.Files;
using Pellicle.Formats.Json;

namespace Pellicle.Mpc.Compiler;

/// <summary><c>plan.json</c>: a plan as canonical JSON. The SHA-256 of the file is the plan's hash.</summary>
public static class MpcPlanFile
{
    /// <summary>Largest file that is read, in bytes.</summary>
    public const int LargestSize = 64 << 20;

    private const string Remedy = "Make the plan again: pellicle mpc plan MODEL.";

    /// <summary>Writes a plan.</summary>
    /// <param name="path">The file; its folder is made if it does not exist.</param>
    /// <param name="plan">The plan.</param>
    public static void Write(string path, MpcPlan plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        AtomicFile.WriteAllBytes(path, plan.ToBytes());
    }

    /// <summary>Reads a plan.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="DataFormatException">Missing, damaged, of another version, or changed after it was written.</exception>
    public static MpcPlan Read(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        try
        {
            var file = new FileInfo(path);
            return !file.Exists ? throw new DataFormatException($"there is no plan '{path}'.", Remedy)
                : file.Length > LargestSize ? throw new DataFormatException($"'{path}' has {file.Length} bytes; expected a plan of at most {LargestSize}.", Remedy)
                : Parse(File.ReadAllBytes(path), path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DataFormatException($"'{path}' cannot be read: {e.Message}", "Check the file and its permissions.", inner: e);
        }
    }

    /// <summary>Reads a plan that came from elsewhere.</summary>
    /// <param name="bytes">Content of <c>plan.json</c>.</param>
    /// <param name="name">Name for messages.</param>
    /// <exception cref="DataFormatException">Damaged, of another version, or changed after it was written.</exception>
    public static MpcPlan Parse(ReadOnlySpan<byte> bytes, string name)
    {
        MpcPlan plan;
        try
        {
            plan = JsonSerializer.Deserialize<MpcPlan>(bytes, PellicleJson.Line) ?? throw new JsonException("it is null");
            Check(plan, name);
            plan.ToNetwork();
        }
        catch (Exception e) when (e is JsonException or NotSupportedException or ArgumentException or OverflowException or NullReferenceException or DivideByZeroException)
        {
            throw new DataFormatException($"'{name}' is no plan of this version: {e.Message}", Remedy, inner: e);
        }

        // Sizes that follow from others are in the file too: a plan that does not give the same bytes again was changed by hand.
        return bytes.SequenceEqual(plan.ToBytes())
            ? plan
            : throw new DataFormatException($"'{name}' is not in the form in which plans are written: it was changed afterwards.", Remedy);
    }

    private static void Check(MpcPlan plan, string name)
    {
        if (plan.Version != MpcPlan.CurrentVersion)
        {
            throw new DataFormatException($"'{name}' is a plan of version {plan.Version}; expected {MpcPlan.CurrentVersion}.", Remedy);
        }

        long last = plan.Layers.Count == 0 ? 0 : plan.Layers[^1].Layer.OutputCount;
        if (plan.FractionalBits is < 13 or > 16 || plan.Batch is < 1 or > 1024 || plan.ChunkElements < MemoryBudget.FewestElements || plan.Input.Shape.Any(size => size < 1) || last != (plan.Reveal == RevealedResult.Class ? 1L : plan.Classes.Count) * plan.Batch)
        {
            throw new DataFormatException($"'{name}' has {plan.FractionalBits} fractional bits, a batch of {plan.Batch} and {last} results for {plan.Classes.Count} classes, which do not fit together.", Remedy);
        }
    }
}
