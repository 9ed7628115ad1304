using System.Text.Json;
using Pellicle.Core.Errors;
using Pellicle.Formats.Json;
using Pellicle.Formats.Safetensors;
using Pellicle.Nn;
using Pellicle.Nn.Optimizers;
using Pellicle.Tensors;

namespace Pellicle.Viewmaker.Training;

/// <summary>The state of an unfinished game in one safetensors file: weights and optimisers of the generator and of all attackers, and where it stands.</summary>
internal static class GameCheckpoint
{
    private const string StateKey = "pellicle.game";
    private const string AveragePrefix = "generator/average/";

    /// <summary>Writes the state; a kill leaves the former file.</summary>
    public static void Write(string path, ObfuscationGame game, IReadOnlyList<SelectedRound> judged)
    {
        var state = new GameState(
            game.Round,
            game.UtilityWeight,
            game.Optimizer.StepCount,
            game.Average.UpdateCount,
            [.. game.Attackers.Select(attacker => new SeatState(attacker.Reader.Architecture, attacker.BornRound, attacker.Step.Optimizer.StepCount))],
            judged,
            game.Generator.Options.DetailGrid);
        IEnumerable<NamedArray> arrays = Arrays("generator", game.Generator.Parameters, game.Optimizer).Concat(game.Average.Averages.Select(average => NamedArray.Of(AveragePrefix + average.Key, average.Value.Shape, average.Value.ToArray<float>())));
        for (int i = 0; i < game.Attackers.Count; i++)
        {
            arrays = arrays.Concat(Arrays($"attacker{i}", game.Attackers[i].Reader.Network.Parameters, game.Attackers[i].Step.Optimizer));
        }

        SafetensorsFile.Write(path, arrays, new Dictionary<string, string> { [StateKey] = JsonSerializer.Serialize(state, PellicleJson.Line) }, UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }

    /// <summary>Takes the state over.</summary>
    /// <returns>The rounds judged so far.</returns>
    /// <exception cref="DataFormatException">Damaged, or of other settings.</exception>
    public static IReadOnlyList<SelectedRound> Read(string path, ObfuscationGame game)
    {
        using SafetensorsFile file = SafetensorsFile.Read(path);
        GameState state = StateOf(file, path);
        if (!state.Attackers.Select(attacker => attacker.Architecture).SequenceEqual(game.Attackers.Select(attacker => attacker.Reader.Architecture)))
        {
            throw new DataFormatException($"'{path}' holds other attackers than the settings name.", "Resume with the settings the run was started with.");
        }

        Take(file, "generator", game.Generator.Parameters, game.Optimizer, state.OptimizerSteps);
        TakeAverages(file, game, state.AverageUpdates);
        for (int i = 0; i < state.Attackers.Count; i++)
        {
            TrainingAttacker attacker = game.Seat(i, state.Attackers[i].Architecture, state.Attackers[i].BornRound);
            Take(file, $"attacker{i}", attacker.Reader.Network.Parameters, attacker.Step.Optimizer, state.Attackers[i].Steps);
        }

        game.Generator.KeepDetails(state.DetailGrid);
        game.Round = state.Round;
        game.UtilityWeight = state.UtilityWeight;
        return state.Judged;
    }

    private static GameState StateOf(SafetensorsFile file, string path)
    {
        try
        {
            return JsonSerializer.Deserialize<GameState>(file.Metadata[StateKey], PellicleJson.Line)!;
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException)
        {
            throw new DataFormatException($"'{path}' is no checkpoint of an obfuscation.", "The run folder is damaged: train again.", inner: e);
        }
    }

    private static IEnumerable<NamedArray> Arrays(string prefix, IReadOnlyList<Parameter> parameters, Optimizer optimizer) =>
    [
        .. parameters.Select(p => NamedArray.Of($"{prefix}/weights/{p.Name}", p.Shape, p.Value.ToArray<float>())),
        .. optimizer.State.Select(s => NamedArray.Of($"{prefix}/optimizer/{s.Key}", s.Value.Shape, s.Value.ToArray<float>())),
    ];

    private static void Take(SafetensorsFile file, string prefix, IReadOnlyList<Parameter> parameters, Optimizer optimizer, long steps)
    {
        using TensorScope scope = TensorScope.Open();
        foreach (Parameter parameter in parameters)
        {
            file.ReadFloats($"{prefix}/weights/{parameter.Name}", parameter.Value.Data<float>());
        }

        string start = $"{prefix}/optimizer/";
        optimizer.Restore(steps, file.Entries.Where(entry => entry.Key.StartsWith(start, StringComparison.Ordinal)).ToDictionary(
            entry => entry.Key[start.Length..],
            entry => Tensor.From<float>(file.ReadFloats(entry.Key), entry.Value.Shape)));
    }

    private static void TakeAverages(SafetensorsFile file, ObfuscationGame game, long updates)
    {
        using TensorScope scope = TensorScope.Open();
        game.Average.Restore(updates, file.Entries.Where(entry => entry.Key.StartsWith(AveragePrefix, StringComparison.Ordinal)).ToDictionary(
            entry => entry.Key[AveragePrefix.Length..],
            entry => Tensor.From<float>(file.ReadFloats(entry.Key), entry.Value.Shape)));
    }

    private sealed record GameState(int Round, double UtilityWeight, long OptimizerSteps, long AverageUpdates, IReadOnlyList<SeatState> Attackers, IReadOnlyList<SelectedRound> Judged, int? DetailGrid);

    private sealed record SeatState(string Architecture, int BornRound, long Steps);
}

/// <summary>How a round was judged by a fresh attacker.</summary>
/// <param name="Round">Which.</param>
/// <param name="FreshLeakage">Leakage of the worst attribute to a fresh attacker, on the validation patients.</param>
/// <param name="TaskAuc">AUC of the task on obfuscated pictures: of its network as it is, or trained further on them, whichever is better.</param>
/// <param name="MeanAbsDelta">Mean change, pixel-range units.</param>
public sealed record SelectedRound(int Round, double FreshLeakage, double TaskAuc, double MeanAbsDelta);
