using System.Diagnostics;
using Pellicle.Core.Random;
using Pellicle.Viewmaker.Readers;
using Pellicle.Viewmaker.Subjects;

namespace Pellicle.Viewmaker.Attacks;

/// <summary>Trains the attackers and lets them read the test pictures. Each reads all columns at once.</summary>
/// <param name="material">Pictures and helpers.</param>
/// <param name="options">Which attackers.</param>
/// <param name="note">Told about each attacker.</param>
internal sealed class AttackerRuns(AttackMaterial material, AttackOptions options, Action<string> note)
{
    private static readonly double[] Rates = [1e-3, 3e-3, 3e-4];
    private readonly ISeededRandom _random = new SeededRandom(options.Seed).Derive("attack");

    /// <summary>All readings. Attackers whose means are missing are left out.</summary>
    public IReadOnlyList<AttackerReading> Run(CancellationToken cancellation)
    {
        var readings = new List<AttackerReading>();
        foreach (string name in options.Attackers)
        {
            for (int seed = 0; seed < (IsFresh(name) ? options.Seeds : 1); seed++)
            {
                cancellation.ThrowIfCancellationRequested();
                long start = Stopwatch.GetTimestamp();
                if (Read(name, seed, cancellation) is { } margins)
                {
                    readings.Add(new AttackerReading(name, name == "frozen" ? "original" : "obfuscated", seed, margins, Stopwatch.GetElapsedTime(start).TotalSeconds));
                    note($"attacker {name} {seed}: done");
                }
            }
        }

        return readings;
    }

    private static bool IsFresh(string name) => ReaderCatalog.Names.Contains(name);

    private IReadOnlyList<double[][]>? Read(string name, int seed, CancellationToken cancellation) => name switch
    {
        "frozen" => material.OriginalAttacker is { } attacker ? Margins(attacker, material.Test.Pictures) : null,
        "fine-tuned" => material.OriginalAttacker is { } attacker ? FineTuned(attacker, cancellation) : null,
        "probe" => material.TaskReader is { } task ? LinearProbe.Read(task, material, options.Epochs) : null,
        "averaging" => material.Averaged is { } averaged ? Fresh("cnn_plain", 0, Pictures(averaged), "averaging", cancellation) : null,
        "restoration" => material is { TrainingOriginals: { } originals, OriginalAttacker: { } attacker } ? Restored(originals, attacker, cancellation) : null,
        _ => Fresh(name, seed, material, name, cancellation),
    };

    private IReadOnlyList<double[][]> Fresh(string architecture, int seed, AttackMaterial on, string purpose, CancellationToken cancellation)
    {
        ISeededRandom own = _random.Derive(purpose, (ulong)seed);
        using var reader = Reader.For(architecture, on.Training.Pictures, on.Training.Columns, own.Derive("init"));
        // One of three learning rates for each seed: the worst attacker counts, so this is a choice among them.
        ReaderTraining.Fit(reader, on.Training, on.Validation, new ReaderTrainingOptions { Epochs = options.Epochs, LearningRate = Rates[seed % Rates.Length] }, own, cancellation);
        return Margins(reader, on.Test.Pictures);
    }

    private IReadOnlyList<double[][]> FineTuned(Reader original, CancellationToken cancellation)
    {
        using var reader = Reader.For(original.Architecture, material.Training.Pictures, material.Training.Columns, _random.Derive("fine-tuned"));
        reader.Restore(original.Snapshot());
        ReaderTraining.Fit(reader, material.Training, material.Validation, new ReaderTrainingOptions { Epochs = options.Epochs, LearningRate = 5e-4 }, _random.Derive("fine-tuned"), cancellation);
        return Margins(reader, material.Test.Pictures);
    }

    private IReadOnlyList<double[][]> Restored(PictureSet originals, Reader attacker, CancellationToken cancellation)
    {
        using var restoration = new Restoration(originals.Channels, _random.Derive("restoration"));
        restoration.Fit(material.Training.Pictures, originals, options.Epochs, _random.Derive("restoration order"), cancellation);
        return Margins(attacker, restoration.Restore(material.Test.Pictures));
    }

    private AttackMaterial Pictures((PictureSet Training, PictureSet Validation, PictureSet Test) sets) => material with
    {
        Training = material.Training with { Pictures = sets.Training },
        Validation = material.Validation with { Pictures = sets.Validation },
        Test = material.Test with { Pictures = sets.Test },
    };

    private static IReadOnlyList<double[][]> Margins(Reader reader, PictureSet pictures)
    {
        float[] outputs = reader.Outputs(pictures);
        return [.. reader.Classes.Select((_, column) => reader.Margins(outputs, column))];
    }
}
