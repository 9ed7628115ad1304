using Pellicle.Core.Errors;
using Pellicle.Core.Random;
using Pellicle.Native;
using Pellicle.Training.Configuration;
using Pellicle.Training.Runs;
using Pellicle.Viewmaker.Attacks;
using Pellicle.Viewmaker.Generators;
using Pellicle.Viewmaker.Readers;
using Pellicle.Viewmaker.Release;
using Pellicle.Viewmaker.Subjects;
using Pellicle.Viewmaker.Training;

namespace Pellicle.Viewmaker.Evaluation;

/// <summary>Open run and data → release A, V and T as files and read them back → train attackers that never met the generator → controls → utility by fresh networks → fidelity, re-identification, other attributes → smaller budgets and baselines → result in the run folder.</summary>
/// <param name="clock">Times.</param>
/// <param name="note">Told about progress.</param>
public sealed class ObfuscateEvaluatePipeline(TimeProvider clock, Action<string> note)
{
    private const int FewUnits = 100;
    private const double ConstantAllowance = 0.5 + 1e-3; // leakage on grey pictures where no interval can be given
    private const int AveragedReleases = 16;
    private const int SheetRows = 6;

    /// <summary>Evaluates.</summary>
    /// <param name="request">What to do.</param>
    /// <param name="cancellation">Checked between steps.</param>
    /// <exception cref="PellicleException">Run, data or settings cannot be used.</exception>
    public ObfuscateEvaluateResult Run(ObfuscateEvaluateRequest request, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        request.Attack.Validate();
        long start = clock.GetTimestamp();
        NativeRuntime.Start(request.Threads);
        ObfuscationFolder folder = ObfuscationFolder.Open(request.RunFolder);
        TrainConfig config = ObfuscationConfig.Read(folder);
        using SubjectData data = SubjectData.Open(config, request.Threads);
        using Generator generator = Generator.Open(folder.Generator);
        string released = Path.Combine(folder.Run.Root, "released");
        int[] a = [.. data.RowsOf(SubjectPart.Attacker)], v = [.. data.RowsOf(SubjectPart.Validation)], t = [.. data.RowsOf(SubjectPart.Test)];

        (PictureSet A, PictureSet V, PictureSet T) files = Release(new ReleasedPictures(data, generator, released, request.JpegQuality), released, a, v, t, cancellation);
        note($"released {a.Length + v.Length + t.Length} files and read them back");
        SubjectColumn[] columns = [.. data.Attributes, .. data.Watched];
        LabelledPictures Of(PictureSet pictures, int[] rows, IEnumerable<SubjectColumn> chosen) => new(pictures, [.. chosen.Select(column => column.Take(rows))]);
        using Reader original = OriginalReaders.Read(folder.OriginalAttacker, OriginalReaders.AttackerArchitecture, Of(files.A, a, data.Attributes));
        using Reader task = OriginalReaders.Read(folder.TaskReader, OriginalReaders.TaskArchitecture(config), Of(files.A, a, [data.Task]));
        PictureSet originalA = data.Pictures.Take(a), originalV = data.Pictures.Take(v), originalT = data.Pictures.Take(t);
        string[] units = [.. t.Select(row => data.Units[row])];
        var material = new AttackMaterial(Of(files.A, a, data.Attributes), Of(files.V, v, data.Attributes), Of(files.T, t, data.Attributes), units)
        {
            TrainingOriginals = originalA,
            OriginalAttacker = original,
            TaskReader = task,
            Averaged = request.Attack.Attackers.Contains("averaging") ? (Averaged(generator, originalA), Averaged(generator, originalV), Averaged(generator, originalT)) : null,
        };

        var bootstrap = new PatientBootstrap(units, request.Attack.Replicates, request.Attack.Seed);
        IReadOnlyList<AttackerReading> readings = new AttackerRuns(material, request.Attack, note).Run(cancellation);
        var attack = new AttributeAttack(request.RunFolder, data.Task.Take(t), bootstrap, data.PatientsOf(SubjectPart.Test));

        ISeededRandom random = new SeededRandom(request.Attack.Seed).Derive("evaluation");
        var points = new PrivacyUtilityPoints(data, a, v, t, OriginalReaders.TaskArchitecture(config), request.Attack.Epochs, random);
        ColumnScores[] identity = points.Attack(originalA, originalV, originalT, data.Attributes, "identity", cancellation);
        AttributeAttackResult[] attributes = [.. data.Attributes.Select((column, i) => attack.Of(readings, column.Take(t), i) with { RocOriginal = identity[i].RocPoints() })];
        EvaluationControls controls = Controls(points, data, original, identity, originalA, originalV, originalT, t, bootstrap, cancellation);
        note($"controls: originals {controls.IdentityLeakage:0.000}, grey pictures {controls.ConstantLeakage:0.000}");
        TaskUtility utility = TaskUtility.Measure(
            OriginalReaders.TaskArchitecture(config),
            new TaskMaterial(Of(originalA, a, [data.Task]), Of(originalV, v, [data.Task]), Of(originalT, t, [data.Task])),
            new TaskMaterial(Of(files.A, a, [data.Task]), Of(files.V, v, [data.Task]), Of(files.T, t, [data.Task])),
            task, request.Attack.Epochs, bootstrap, random, cancellation);
        note($"task AUC {utility.AucOriginal:0.000} to {utility.AucObfuscated:0.000}");

        BaselinePoint[] baselines = [.. Baselines(request, config, generator, points, original, task, (originalA, originalV, originalT), new BaselinePoint("identity", "", controls.IdentityLeakage, utility.AucOriginal, 0), cancellation)];
        AttributeAttackResult worst = attributes.MaxBy(attribute => attribute.WorstLeakage)!;
        var result = new ObfuscateEvaluateResult
        {
            RunDir = request.RunFolder,
            Splits = new EvaluationSplits(Size(data, SubjectPart.Generator), Size(data, SubjectPart.Attacker), Size(data, SubjectPart.Validation), Size(data, SubjectPart.Test)),
            Attributes = attributes,
            Utility = utility,
            Fidelity = Fidelity.Of(originalT, files.T, generator.Options.Mode == GeneratorMode.Default ? generator.Options.Budget : null),
            Reidentification = data.HasPatients
                ? ReidentificationAttack.Run((originalA, files.A), [.. a.Select(row => data.Units[row])], (originalT, files.T), units, 20 * request.Attack.Epochs, random, cancellation)
                : null,
            Untargeted = Untargeted(points, data, (originalA, originalV, originalT), files, t, bootstrap, cancellation),
            Baselines = baselines,
            Areas = PrivacyUtilityArea.Of(baselines),
            NotDominated = NotDominated(baselines),
            HeadlineLeakage = controls.Passed ? worst.WorstLeakage : null,
            HeadlineInterval = controls.Passed ? worst.WorstLeakageInterval : null,
            Controls = controls,
            Seeds = request.Attack.Seeds,
            JpegQuality = request.JpegQuality,
            Released = released,
            SecondsTotal = clock.GetElapsedTime(start).TotalSeconds,
            IsSmall = data.UnitsOf(SubjectPart.Test) < FewUnits,
            IsSynthetic = data.Dataset.IsSynthetic,
            Failure = Gate(request.RequireLeakageBelow, controls, worst),
        };
        var tiles = new ChangeTiles(original);
        PictureSheet.Write(
            Path.Combine(folder.Run.Root, "obfuscation-sheet.png"),
            PictureSheet.Draw([.. Enumerable.Range(0, Math.Min(SheetRows, t.Length)).Select(row => tiles.Of(originalT, files.T, row))], originalT.Side, Math.Max(1, 128 / originalT.Side)));
        RunFolder.WriteJson(folder.Evaluation, result);
        return result;
    }

    // Two keys: noise of the pictures that teach attackers must tell nothing about that of the pictures they are tested on.
    private static (PictureSet A, PictureSet V, PictureSet T) Release(ReleasedPictures release, string folder, int[] a, int[] v, int[] t, CancellationToken cancellation)
    {
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true); // of an earlier evaluation of the same run
        }

        using KeyedNoise first = KeyedNoise.Fresh(), second = KeyedNoise.Fresh();
        return (
            release.Release(a, first, "attacker", cancellation),
            release.Release(v, first, "validation", cancellation),
            release.Release(t, second, "test", cancellation));
    }

    private static PictureSet Averaged(Generator generator, PictureSet originals)
    {
        var sums = new int[originals.Count * originals.SampleCount];
        for (int i = 0; i < AveragedReleases; i++)
        {
            using KeyedNoise noise = KeyedNoise.Fresh();
            PictureSet once = PictureRelease.Obfuscate(generator, originals, row => noise.For(row.ToString()));
            for (int row = 0; row < once.Count; row++)
            {
                for (int k = 0; k < once.SampleCount; k++)
                {
                    sums[(row * once.SampleCount) + k] += once[row][k];
                }
            }
        }

        return new PictureSet(originals.Channels, originals.Side, Array.ConvertAll(sums, sum => (byte)((sum + (AveragedReleases / 2)) / AveragedReleases)));
    }

    private static EvaluationControls Controls(
        PrivacyUtilityPoints points, SubjectData data, Reader original, ColumnScores[] identity, PictureSet a, PictureSet v, PictureSet t, int[] rows, PatientBootstrap bootstrap, CancellationToken cancellation)
    {
        static PictureSet Grey(PictureSet like) => PictureSet.Fill(like.Channels, like.Side, like.Count, (_, samples) => samples.Fill(128));
        ColumnScores[] constant = points.Attack(Grey(a), Grey(v), Grey(t), data.Attributes, "constant", cancellation);
        float[] outputs = original.Outputs(t);
        double trained = data.Attributes.Select((column, c) => ColumnScores.Of(original.Margins(outputs, c), column.Take(rows)).Leakage() ?? 0.5).Max();
        double found = Worst(identity)!.Value;
        Pellicle.Training.Metrics.Interval? interval = bootstrap.Interval(weights => Worst(constant, weights));
        Pellicle.Training.Metrics.Interval? around = bootstrap.Interval(weights => Worst(identity, weights));
        // An attacker that reads less from originals than the attacker of training would find too little everywhere else, too.
        bool reads = found >= trained - 0.05 || around?.High >= trained;
        return new EvaluationControls(found, trained, Worst(constant)!.Value, interval, reads && (interval is null ? Worst(constant) <= ConstantAllowance : interval.Value.Low <= 0.5 && interval.Value.High >= 0.5));
    }

    private static double? Worst(ColumnScores[] scores, int[]? weights = null) => scores.Max(column => column.Leakage(weights ?? []));

    private IEnumerable<BaselinePoint> Baselines(
        ObfuscateEvaluateRequest request, TrainConfig config, Generator generator, PrivacyUtilityPoints points, Reader attacker, Reader task, (PictureSet A, PictureSet V, PictureSet T) originals, BaselinePoint identity, CancellationToken cancellation)
    {
        foreach (double share in request.Budgets)
        {
            using Generator smaller = generator.WithBudget(generator.Options.Budget * share);
            using KeyedNoise first = KeyedNoise.Fresh(), second = KeyedNoise.Fresh();
            PictureSet Changed(PictureSet pictures, KeyedNoise noise) => PictureRelease.Obfuscate(smaller, pictures, row => noise.For(row.ToString()));
            yield return points.Of("generator", FormattableString.Invariant($"budget {smaller.Options.Budget:0.####}"), (Changed(originals.A, first), Changed(originals.V, first), Changed(originals.T, second)), originals.T, cancellation);
        }

        double budget = config.Obfuscate.Mode == GeneratorMode.Default ? config.Obfuscate.Budget : 0.1;
        foreach (Baseline baseline in request.Baselines.SelectMany(name => Baseline.Of(name, budget, attacker, task, originals.A.Channels)))
        {
            // Originals were attacked as a control, and the task learned on them: the same networks, already trained.
            yield return baseline.Name == identity.Name ? identity : points.Of(baseline.Name, baseline.Parameters, (baseline.Apply(originals.A), baseline.Apply(originals.V), baseline.Apply(originals.T)), originals.T, cancellation);
            note($"baseline {string.Join(' ', new[] { baseline.Name, baseline.Parameters }.Where(text => text.Length > 0))}: done");
        }
    }

    private static string[] NotDominated(BaselinePoint[] points)
    {
        BaselinePoint[] own = [.. points.Where(point => point.Name == "generator")];
        return [.. points.Where(point => point.Name is not "generator").Where(point => own.Length > 0 && !own.Any(g => g.WorstLeakage <= point.WorstLeakage && g.TaskAuc >= point.TaskAuc - 0.01)).Select(point => point.Parameters.Length == 0 ? point.Name : $"{point.Name} ({point.Parameters})")];
    }

    private static List<UntargetedColumn> Untargeted(
        PrivacyUtilityPoints points, SubjectData data, (PictureSet A, PictureSet V, PictureSet T) originals, (PictureSet A, PictureSet V, PictureSet T) released, int[] t, PatientBootstrap bootstrap, CancellationToken cancellation)
    {
        if (data.Watched.Count == 0)
        {
            return [];
        }

        ColumnScores[] before = points.Attack(originals.A, originals.V, originals.T, data.Watched, "watched", cancellation);
        ColumnScores[] after = points.Attack(released.A, released.V, released.T, data.Watched, "watched", cancellation);
        return [.. data.Watched.Select((column, i) => new UntargetedColumn(column.Name, before[i].Leakage() ?? 0.5, after[i].Leakage() ?? 0.5, bootstrap.Interval(weights => after[i].Leakage(weights) - before[i].Leakage(weights))))];
    }

    private static PartSize Size(SubjectData data, SubjectPart part) => new(data.PatientsOf(part), data.RowsOf(part).Count);

    private static GateFailedException? Gate(double? required, EvaluationControls controls, AttributeAttackResult worst) =>
        !controls.Passed ? new GateFailedException("a control failed, so there is no headline: see 'controls'.", "Use more images, or more epochs for the attackers.")
        : required is { } limit && worst.WorstLeakage >= limit
            ? new GateFailedException($"the worst leakage is {worst.WorstLeakage:0.000} ({worst.Attribute}, {worst.WorstAttacker}); --require-leakage-below asked for less than {limit}.", "Train longer or with a larger budget, or do not release.")
            : null;
}
