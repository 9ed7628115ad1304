using System.Diagnostics;
using System.Globalization;
using Pellicle.Core.Errors;
using Pellicle.Core.Files;
using Pellicle.Core.Random;
using Pellicle.Data.Splits;
using Pellicle.Native;
using Pellicle.Training;
using Pellicle.Training.Configuration;
using Pellicle.Training.Runs;
using Pellicle.Viewmaker.Evaluation;
using Pellicle.Viewmaker.Generators;
using Pellicle.Viewmaker.Readers;
using Pellicle.Viewmaker.Subjects;

namespace Pellicle.Viewmaker.Training;

/// <summary>Open data → split patients into four parts → read task and attributes from originals → fit erasures → play generator against attackers → judge by fresh attackers → keep the best generator → write the run folder.</summary>
/// <param name="clock">Times.</param>
/// <param name="observer">Told about progress.</param>
public sealed class ObfuscateTrainPipeline(TimeProvider clock, ITrainingObserver observer)
{
    /// <summary>Share of the generator's patients that judge and do not teach.</summary>
    private const double CheckShare = 0.4;

    /// <summary>Trains.</summary>
    /// <param name="request">What to do.</param>
    /// <param name="cancellation">Ends after the running round, with a checkpoint.</param>
    /// <exception cref="PellicleException">Settings, data or folder cannot be used.</exception>
    public ObfuscateTrainResult Run(ObfuscateTrainRequest request, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        long start = clock.GetTimestamp();
        NativeRuntime.Start(request.Threads);
        TrainConfig config = request.Config with { Obfuscate = GeneratorSettings.Effective(request.Config.Obfuscate) };
        using SubjectData data = SubjectData.Open(config, request.Threads);
        GeneratorSettings.Check(config.Obfuscate, data.Pictures.Channels, data.Pictures.Side);
        Tell(config, data);
        ObfuscationFolder folder = request.ResumeFolder is { } resumed ? Resume(resumed, data) : Create(request.OutFolder, config, data);

        ISeededRandom random = new SeededRandom(config.Seed).Derive("obfuscation");
        LabelledPictures all = new(data.Pictures, data.Columns);
        LabelledPictures teachers = Rows(all, [.. data.RowsOf(SubjectPart.Generator).Where(row => !IsCheck(data, row, config.Seed))]);
        LabelledPictures check = Rows(all, [.. data.RowsOf(SubjectPart.Generator).Where(row => IsCheck(data, row, config.Seed))]);
        LabelledPictures validation = Rows(all, data.RowsOf(SubjectPart.Validation));

        using Reader task = OriginalReaders.Task(folder, config, Rows(all, data.RowsOf(SubjectPart.Generator)), validation, random, cancellation);
        using Reader attacker = OriginalReaders.Attacker(folder, config, Rows(all, data.RowsOf(SubjectPart.Generator)), validation, random, cancellation);
        var judge = new FreshJudge(check, validation, task, random, cancellation);
        HiddenColumn[] hidden = [.. Hidden(attacker, validation)];
        observer.Note($"on originals: task AUC {judge.TaskAucOriginal:0.000}; leakage {string.Join(", ", hidden.Select(h => $"{h.Name} {h.LeakageOriginal:0.000}"))} (validation patients)");

        using var generator = new Generator(GeneratorSettings.Options(config.Obfuscate, data.Pictures.Channels, data.Pictures.Side), random.Derive("generator"));
        using var game = new ObfuscationGame(config.Obfuscate, generator, task, teachers, random.Derive("game"));
        List<SelectedRound> judged = [];
        var coordinates = new CoordinateSearch(generator, teachers, config.Obfuscate.Coarsenings, config.Obfuscate.Spreads, random.Derive("coordinates"), observer.Note);
        var directions = new ErasureSearch(generator, teachers, check, task, attacker, random.Derive("erasure"));
        RunStatus status = Play(folder, config.Obfuscate, game, coordinates, directions, judge, judged, cancellation);
        return Finish(folder, config, data, status, game, judge, judged, attacker, validation, hidden, clock.GetElapsedTime(start).TotalSeconds);
    }

    private RunStatus Play(ObfuscationFolder folder, ObfuscateSection settings, ObfuscationGame game, CoordinateSearch coordinates, ErasureSearch directions, FreshJudge judge, List<SelectedRound> judged, CancellationToken cancellation)
    {
        if (File.Exists(folder.Checkpoint))
        {
            judged.AddRange(GameCheckpoint.Read(folder.Checkpoint, game));
        }
        else
        {
            game.WarmUp(cancellation);
            ChooseErasures(settings, coordinates, directions, game.Generator, judge, cancellation);
            Judge(folder, settings, game, judge, judged, cancellation);
        }

        using LineLog<RoundFigures> log = LineLog.Continue<RoundFigures>(folder.Run.MetricsFile, game.Round == 0 ? null : figures => figures.Round <= game.Round).Log;
        while (game.Round < settings.Rounds)
        {
            if (cancellation.IsCancellationRequested)
            {
                GameCheckpoint.Write(folder.Checkpoint, game, judged);
                log.Flush();
                return RunStatus.Interrupted;
            }

            long start = clock.GetTimestamp();
            RoundFigures figures = game.Play(cancellation);
            log.Append(figures);
            observer.StepTaken(new StepMetrics(figures.Round, 0, settings.Batch, figures.GeneratorLoss, null, null, null, settings.LearningRate, clock.GetElapsedTime(start).TotalSeconds), settings.Rounds);
            if (figures.Round % settings.SelectionEvery != 0 && figures.Round != settings.Rounds)
            {
                continue;
            }

            Judge(folder, settings, game, judge, judged, cancellation);
            GameCheckpoint.Write(folder.Checkpoint, game, judged);
            log.Flush();
        }

        return RunStatus.Completed;
    }

    // Before any game: more noise, fewer details and more directions hide more and cost more of the task.
    private void ChooseErasures(ObfuscateSection settings, CoordinateSearch coordinates, ErasureSearch directions, Generator generator, FreshJudge judge, CancellationToken cancellation)
    {
        SelectedRound Judged(string what)
        {
            SelectedRound current = judge.Judge(generator, 0, cancellation);
            observer.Note($"{what}: {Told(current, judge)}");
            return current;
        }

        SelectedRound Chosen(IReadOnlyList<SelectedRound> stages) => Best(stages, judge.TaskAucOriginal - settings.MaxUtilityLoss)!;
        SelectedRound? without = coordinates.Run(Judged, Chosen, cancellation);
        directions.Run(without, count => Judged($"{count} directions erased"), Chosen, cancellation);
    }

    // The round is judged, and kept, as it would be released: with averaged weights.
    private void Judge(ObfuscationFolder folder, ObfuscateSection settings, ObfuscationGame game, FreshJudge judge, List<SelectedRound> judged, CancellationToken cancellation)
    {
        game.WithAverage(generator =>
        {
            SelectedRound current = judge.Judge(generator, game.Round, cancellation);
            double lost = judge.TaskAucOriginal - current.TaskAuc;
            game.UtilityWeight = Math.Clamp(game.UtilityWeight * (lost > settings.MaxUtilityLoss ? 1.6 : 0.9), 0.05, 100);
            observer.Note($"round {current.Round}: {Told(current, judge)}");
            judged.Add(current);
            if (Best(judged, judge.TaskAucOriginal - settings.MaxUtilityLoss) == current)
            {
                generator.Save(folder.Generator);
            }

            return true;
        });
    }

    // Among the rounds that keep the task the one with the least leakage; if none keeps it, the one that keeps most of it.
    private static SelectedRound? Best(IReadOnlyList<SelectedRound> judged, double leastTaskAuc) =>
        judged.Where(round => round.TaskAuc >= leastTaskAuc).MinBy(round => round.FreshLeakage) ?? judged.MaxBy(round => round.TaskAuc);

    private static string Told(SelectedRound round, FreshJudge judge) =>
        $"fresh leakage {round.FreshLeakage:0.000}, task AUC {round.TaskAuc:0.000} ({round.TaskAuc - judge.TaskAucOriginal:+0.000;-0.000}), mean change {round.MeanAbsDelta:0.0000}";

    private ObfuscateTrainResult Finish(
        ObfuscationFolder folder, TrainConfig config, SubjectData data, RunStatus status, ObfuscationGame game, FreshJudge judge, List<SelectedRound> judged, Reader attacker, LabelledPictures validation, HiddenColumn[] hidden, double seconds)
    {
        SelectedRound selected = Best(judged, judge.TaskAucOriginal - config.Obfuscate.MaxUtilityLoss) ?? new SelectedRound(0, double.NaN, double.NaN, double.NaN);
        var result = new ObfuscateTrainResult
        {
            RunDir = folder.Run.Root,
            Status = status,
            Family = config.Obfuscate.Family,
            Mode = config.Obfuscate.Mode,
            System = config.Obfuscate.System,
            PrivateAttributes = hidden,
            Task = data.Task.Name,
            Budget = new BudgetSummary([.. config.Obfuscate.Norm], config.Obfuscate.Budget, config.Obfuscate.Mode == GeneratorMode.Parity ? "normalisedInput" : "pixelRange"),
            Rounds = game.Round,
            SelectedRound = selected.Round,
            SelectionMeasure = "leakage of the worst attribute to a fresh attacker, among rounds within maxUtilityLoss",
            Validation = new ObfuscationValidation(selected.FreshLeakage, selected.TaskAuc, judge.TaskAucOriginal, selected.MeanAbsDelta, status == RunStatus.Completed ? ReferenceMeasure.Of(folder, attacker, validation) : null),
            Judged = judged,
            SecondsTotal = seconds,
            PeakMemoryBytes = Process.GetCurrentProcess().PeakWorkingSet64,
            IsSynthetic = data.Dataset.IsSynthetic,
        };
        if (status == RunStatus.Completed)
        {
            RunFolder.WriteJson(folder.Result, result);
        }

        RunFolder.WriteJson(folder.Run.RunFile, RunFolder.ReadJson<RunRecord>(folder.Run.RunFile) with { Status = status, EndedAt = clock.GetUtcNow() });
        return result;
    }

    private void Tell(TrainConfig config, SubjectData data)
    {
        observer.Note($"{data.Pictures.Count} images; {(data.HasPatients ? "patients" : "images")} per part: {string.Join(", ", Enum.GetValues<SubjectPart>().Select(part => $"{part.ToString().ToLowerInvariant()} {data.UnitsOf(part)}"))}");
        if (!data.HasPatients)
        {
            observer.Warn("no patients are known: images of one person may be on both sides of a split.");
        }

        if (config.Obfuscate.System == ObfuscationSystem.Xray)
        {
            observer.Warn("the system 'xray' has no term for the task: it is kept to reproduce the reference.");
        }

        foreach (string warning in data.Dataset.Warnings)
        {
            observer.Warn(warning);
        }
    }

    private ObfuscationFolder Create(string? path, TrainConfig config, SubjectData data)
    {
        string name = string.Create(CultureInfo.InvariantCulture, $"{clock.GetLocalNow():yyyy-MM-dd}-obfuscate-{string.Join('-', config.Obfuscate.Attributes.Select(SubjectColumn.NameOf))}");
        string chosen = path ?? Path.Combine("runs", name);
        for (int i = 2; path is null && Directory.Exists(chosen); i++)
        {
            chosen = Path.Combine("runs", $"{name}-{i}");
        }

        RunFolder run = RunFolder.Create(chosen);
        AtomicFile.WriteAllText(run.ConfigFile, config.ToYaml());
        RunFolder.WriteJson(run.RunFile, new RunRecord
        {
            Status = RunStatus.Running,
            PellicleVersion = typeof(ObfuscateTrainPipeline).Assembly.GetName().Version?.ToString(3) ?? "0.0.0",
            LibtorchVersion = NativeRuntime.TorchVersion,
            Kernels = NativeRuntime.ActiveKernels,
            Threads = NativeRuntime.Threads,
            StartedAt = clock.GetUtcNow(),
            Seed = config.Seed,
            DataSource = data.Dataset.Source,
            DataFingerprint = data.Dataset.Fingerprint,
            IsSynthetic = data.Dataset.IsSynthetic,
        });
        run.LinkAsLast();
        var folder = new ObfuscationFolder(run);
        ObfuscationFolder.WriteKey(folder.Key);
        return folder;
    }

    private static ObfuscationFolder Resume(string path, SubjectData data)
    {
        RunFolder run = RunFolder.Open(path);
        RunRecord record = RunFolder.ReadJson<RunRecord>(run.RunFile);
        if (record.Status == RunStatus.Completed)
        {
            throw new UsageException($"the run '{path}' is finished; there is nothing to resume.", "Start a new run.");
        }

        if (record.DataFingerprint != data.Dataset.Fingerprint)
        {
            throw new DataFormatException($"the data at '{data.Dataset.Source}' are not those the run '{path}' was started with.", "Restore the data, or start a new run.");
        }

        RunFolder.WriteJson(run.RunFile, record with { Status = RunStatus.Running, EndedAt = null, Resumed = record.Resumed + 1 });
        return new ObfuscationFolder(run);
    }

    private static IEnumerable<HiddenColumn> Hidden(Reader attacker, LabelledPictures validation)
    {
        float[] outputs = attacker.Outputs(validation.Pictures);
        return validation.Columns.Skip(1).Select((column, c) => new HiddenColumn(column.Name, column.Classes, ColumnScores.Of(attacker.Margins(outputs, c), column).Leakage()));
    }

    private static bool IsCheck(SubjectData data, int row, ulong seed) => StableHash.Position("obfuscation check", seed, data.Units[row]) < CheckShare;

    private static LabelledPictures Rows(LabelledPictures all, IReadOnlyList<int> rows) => new(all.Pictures.Take(rows), [.. all.Columns.Select(column => column.Take(rows))]);
}
