using Pellicle.Core.Errors;
using Pellicle.Core.Files;
using Pellicle.Formats.Safetensors;
using Pellicle.Nn;
using Pellicle.Tensors;
using Pellicle.Training.Runs;

namespace Pellicle.Training.Checkpoints;

/// <summary>Writes and reads the state of an unfinished run: weights, optimiser state, averages, position. Safetensors and JSON only.</summary>
/// <remarks>The tensors are written first, then the record with their hash; each by rename. A kill between the two leaves a record whose
/// hash does not fit, so the tensors that the record describes wait as <c>previous.safetensors</c> until the new record is in place.</remarks>
public static class Checkpoint
{
    private const string WeightPrefix = "weights/";
    private const string OptimizerPrefix = "optimizer/";
    private const string AveragePrefix = "ema/";

    /// <summary>Writes a checkpoint.</summary>
    /// <param name="folder">The run.</param>
    /// <param name="tensors">Parameters, optimiser and averages.</param>
    /// <param name="step">Steps taken.</param>
    /// <param name="counts">Running counts.</param>
    /// <param name="adaptiveBounds">Bounds of the next step with adaptive clipping; otherwise null.</param>
    /// <param name="tuning">Plateau schedule and best checkpoint, or null.</param>
    /// <exception cref="EnvironmentException">It cannot be written; the former checkpoint is still there.</exception>
    public static void Write(RunFolder folder, CheckpointTensors tensors, long step, RunningCounts counts, IReadOnlyList<double>? adaptiveBounds, TuningState? tuning = null)
    {
        ArgumentNullException.ThrowIfNull(folder);
        ArgumentNullException.ThrowIfNull(tensors);
        IEnumerable<NamedArray> arrays =
        [
            .. tensors.Parameters.Select(p => NamedArray.Of(WeightPrefix + p.Name, [.. p.Shape], p.Value.ToArray<float>())),
            .. tensors.Optimizer.State.Select(s => NamedArray.Of(OptimizerPrefix + s.Key, s.Value.Shape, s.Value.ToArray<float>())),
            .. (tensors.Average?.Averages ?? new Dictionary<string, Tensor>()).Select(a => NamedArray.Of(AveragePrefix + a.Key, a.Value.Shape, a.Value.ToArray<float>())),
        ];
        if (File.Exists(folder.CheckpointRecord)
            && File.Exists(folder.CheckpointTensors)
            && FileHash.Of(folder.CheckpointTensors) == RunFolder.ReadJson<CheckpointRecord>(folder.CheckpointRecord).TensorsSha256)
        {
            File.Move(folder.CheckpointTensors, PreviousTensors(folder), overwrite: true);
        }

        SafetensorsFile.Write(folder.CheckpointTensors, arrays);
        RunFolder.WriteJson(folder.CheckpointRecord, new CheckpointRecord
        {
            Step = step,
            OptimizerSteps = tensors.Optimizer.StepCount,
            AdaptiveBounds = adaptiveBounds,
            Tuning = tuning,
            AverageUpdates = tensors.Average?.UpdateCount,
            TensorsSha256 = FileHash.Of(folder.CheckpointTensors),
            Counts = counts,
        });
        File.Delete(PreviousTensors(folder));
    }

    /// <summary>Reads a checkpoint into a network and an optimiser of the same configuration.</summary>
    /// <param name="folder">The run.</param>
    /// <param name="tensors">Parameters, optimiser and averages; all values are overwritten.</param>
    /// <returns>Where the run stood; null if no checkpoint was written yet.</returns>
    /// <exception cref="DataFormatException">The files are damaged or do not fit the configuration.</exception>
    public static CheckpointRecord? Read(RunFolder folder, CheckpointTensors tensors)
    {
        ArgumentNullException.ThrowIfNull(folder);
        ArgumentNullException.ThrowIfNull(tensors);
        if (!File.Exists(folder.CheckpointRecord))
        {
            return null;
        }

        CheckpointRecord record = RunFolder.ReadJson<CheckpointRecord>(folder.CheckpointRecord);
        if (record.AverageUpdates is null != tensors.Average is null)
        {
            throw new DataFormatException(
                $"the checkpoint '{folder.CheckpointRecord}' {(record.AverageUpdates is null ? "has no moving average" : "has a moving average")}, unlike the options of this run.",
                "Resume with the --ema the run was started with.");
        }

        string path = Array.Find([folder.CheckpointTensors, PreviousTensors(folder)], file => File.Exists(file) && FileHash.Of(file) == record.TensorsSha256)
            ?? throw new DataFormatException(
                $"the checkpoint '{folder.CheckpointTensors}' is damaged: its hash is not the one in '{folder.CheckpointRecord}'.",
                "Restore the checkpoints folder from a copy, or train again in a new folder.");
        using SafetensorsFile file = SafetensorsFile.Read(path);
        foreach (Parameter parameter in tensors.Parameters)
        {
            CheckShape(file, WeightPrefix + parameter.Name, parameter.Shape);
            file.ReadFloats(WeightPrefix + parameter.Name, parameter.Value.Data<float>());
        }

        using TensorScope scope = TensorScope.Open();
        tensors.Optimizer.Restore(record.OptimizerSteps, Group(file, OptimizerPrefix));
        tensors.Average?.Restore(record.AverageUpdates!.Value, Group(file, AveragePrefix));
        return record;
    }

    private static string PreviousTensors(RunFolder folder) => Path.Combine(Path.GetDirectoryName(folder.CheckpointTensors)!, "previous.safetensors");

    private static Dictionary<string, Tensor> Group(SafetensorsFile file, string prefix) => file.Entries.Keys
        .Where(name => name.StartsWith(prefix, StringComparison.Ordinal))
        .ToDictionary(name => name[prefix.Length..], name => Tensor.From<float>(file.ReadFloats(name), [.. file.Entries[name].Shape]));

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
