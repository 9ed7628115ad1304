using System.Security.Cryptography;
using Pellicle.Core.Errors;
using Pellicle.Formats.Safetensors;
using Pellicle.Nn;
using Pellicle.Nn.Optimizers;
using Pellicle.Tensors;
using Pellicle.Training.Runs;

namespace Pellicle.Training.Checkpoints;

/// <summary>Writes and reads the state of an unfinished run: weights, optimiser state, position. Safetensors and JSON only.</summary>
/// <remarks>The tensors are written first, then the record with their hash; each by rename. A kill between the two leaves a record whose
/// hash does not fit, so the tensors that the record describes wait as <c>previous.safetensors</c> until the new record is in place.</remarks>
public static class Checkpoint
{
    private const string WeightPrefix = "weights/";
    private const string OptimizerPrefix = "optimizer/";

    /// <summary>Writes a checkpoint.</summary>
    /// <param name="folder">The run.</param>
    /// <param name="parameters">All parameters, statistics included.</param>
    /// <param name="optimizer">Its state.</param>
    /// <param name="step">Steps taken.</param>
    /// <param name="counts">Running counts.</param>
    /// <exception cref="EnvironmentException">It cannot be written; the former checkpoint is still there.</exception>
    public static void Write(RunFolder folder, IReadOnlyList<Parameter> parameters, Optimizer optimizer, long step, RunningCounts counts)
    {
        ArgumentNullException.ThrowIfNull(folder);
        ArgumentNullException.ThrowIfNull(parameters);
        ArgumentNullException.ThrowIfNull(optimizer);
        IEnumerable<NamedArray> arrays =
        [
            .. parameters.Select(p => NamedArray.Of(WeightPrefix + p.Name, [.. p.Shape], p.Value.ToArray<float>())),
            .. optimizer.State.Select(s => NamedArray.Of(OptimizerPrefix + s.Key, s.Value.Shape, s.Value.ToArray<float>())),
        ];
        if (File.Exists(folder.CheckpointRecord)
            && File.Exists(folder.CheckpointTensors)
            && HashOf(folder.CheckpointTensors) == RunFolder.ReadJson<CheckpointRecord>(folder.CheckpointRecord).TensorsSha256)
        {
            File.Move(folder.CheckpointTensors, PreviousTensors(folder), overwrite: true);
        }

        SafetensorsFile.Write(folder.CheckpointTensors, arrays);
        RunFolder.WriteJson(folder.CheckpointRecord, new CheckpointRecord
        {
            Step = step,
            OptimizerSteps = optimizer.StepCount,
            TensorsSha256 = HashOf(folder.CheckpointTensors),
            Counts = counts,
        });
        File.Delete(PreviousTensors(folder));
    }

    /// <summary>Reads a checkpoint into a network and an optimiser of the same configuration.</summary>
    /// <param name="folder">The run.</param>
    /// <param name="parameters">All parameters, statistics included; values are overwritten.</param>
    /// <param name="optimizer">Its state is replaced.</param>
    /// <returns>Where the run stood; null if no checkpoint was written yet.</returns>
    /// <exception cref="DataFormatException">The files are damaged or do not fit the configuration.</exception>
    public static CheckpointRecord? Read(RunFolder folder, IReadOnlyList<Parameter> parameters, Optimizer optimizer)
    {
        ArgumentNullException.ThrowIfNull(folder);
        ArgumentNullException.ThrowIfNull(parameters);
        ArgumentNullException.ThrowIfNull(optimizer);
        if (!File.Exists(folder.CheckpointRecord))
        {
            return null;
        }

        CheckpointRecord record = RunFolder.ReadJson<CheckpointRecord>(folder.CheckpointRecord);
        string tensors = Array.Find([folder.CheckpointTensors, PreviousTensors(folder)], path => File.Exists(path) && HashOf(path) == record.TensorsSha256)
            ?? throw new DataFormatException(
                $"the checkpoint '{folder.CheckpointTensors}' is damaged: its hash is not the one in '{folder.CheckpointRecord}'.",
                "Restore the checkpoints folder from a copy, or train again in a new folder.");
        using SafetensorsFile file = SafetensorsFile.Read(tensors);
        foreach (Parameter parameter in parameters)
        {
            CheckShape(file, WeightPrefix + parameter.Name, parameter.Shape);
            file.ReadFloats(WeightPrefix + parameter.Name, parameter.Value.Data<float>());
        }

        using TensorScope scope = TensorScope.Open();
        optimizer.Restore(record.OptimizerSteps, file.Entries.Keys
            .Where(name => name.StartsWith(OptimizerPrefix, StringComparison.Ordinal))
            .ToDictionary(name => name[OptimizerPrefix.Length..], name => Tensor.From<float>(file.ReadFloats(name), [.. file.Entries[name].Shape])));
        return record;
    }

    /// <summary>SHA-256 of a file, hexadecimal.</summary>
    /// <param name="path">The file.</param>
    public static string HashOf(string path)
    {
        using FileStream stream = File.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(stream));
    }

    private static string PreviousTensors(RunFolder folder) => Path.Combine(Path.GetDirectoryName(folder.CheckpointTensors)!, "previous.safetensors");

    private static void CheckShape(SafetensorsFile file, string name, IReadOnlyList<long> expected)
    {
        IReadOnlyList<long> found = file.Find(name).Shape;
        if (!found.SequenceEqual(expected))
        {
            throw new DataFormatException(
                $"'{file.Name}', tensor '{name}' has shape [{string.Join(", ", found)}]; the configuration gives [{string.Join(", ", expected)}].",
                "Resume with the options the run was started with.");
        }
    }
}
