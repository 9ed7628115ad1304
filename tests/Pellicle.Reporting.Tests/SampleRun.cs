using System.Text.Json;
using System.Text.Json.Nodes;
using Pellicle.Audit;
using Pellicle.Audit.Attacks;
using Pellicle.Core.Random;
using Pellicle.Formats.Json;
using Pellicle.Privacy.Ledger;
using Pellicle.Training.Evaluation;
using Pellicle.Training.Metrics;
using Pellicle.Training.Runs;

namespace Pellicle.Reporting.Tests;

/// <summary>A run folder as training, evaluation and audit write it, with every file replaceable: nothing is trained.</summary>
internal sealed class SampleRun : IDisposable
{
    public const string HostileClass = "<script>alert('x')</script>\"&naevus";

    // Computed once: many tests need a folder, none needs other figures.
    private static readonly Lazy<EvalResult> Evaluation = new(MakeEvaluation);
    private static readonly Lazy<(AttackResult, AttackResult)> PrivateAttacks = new(() => MakeAttacks(0.25));
    private static readonly Lazy<(AttackResult, AttackResult)> PlainAttacks = new(() => MakeAttacks(2.5));

    private SampleRun(string folder) => Folder = folder;

    public string Folder { get; }

    public static SampleRun Private(string? name = null)
    {
        var run = new SampleRun(Path.Combine(Path.GetTempPath(), "pellicle-report-" + Guid.NewGuid().ToString("N"), name ?? "2026-11-21-ham-vit-eps3"));
        Directory.CreateDirectory(run.Folder);
        string hash = run.WriteLedger();
        run.WriteText("privacy.json", PrivacyJson(hash).ToJsonString(PellicleJson.Indented));
        run.WriteText("run.json", RunJson().ToJsonString(PellicleJson.Indented));
        run.WriteText("config.yaml", "data:\n  source: pack:ham10000.zip\nmodel:\n  name: vit_tiny\nprivacy:\n  targetEpsilon: 3\n  insecureSeed: 123456789\n  delta: 1e-05\n");
        run.WriteText("metrics.jsonl", string.Concat(Enumerable.Range(1, 463).Select(StepLine)));
        run.WriteEvaluation(["benign", "malignant"]);
        run.WriteAudit(epsilonUpper: 2.998);
        return run;
    }

    public static SampleRun NonPrivate()
    {
        SampleRun run = Private("2026-11-22-ham-vit-plain");
        File.Delete(run.PathOf("ledger.jsonl"));
        run.WriteText("privacy.json", """{"private": false, "mechanism": "none", "epsilon": null, "steps": 463, "curve": [], "notCovered": [], "statement": "This model was trained without differential privacy."}""");
        run.WriteAudit(epsilonUpper: null);
        return run;
    }

    public string PathOf(string name) => Path.Combine(Folder, name);

    public void WriteText(string name, string text) => File.WriteAllText(PathOf(name), text);

    public void Edit(string name, Action<JsonObject> edit)
    {
        JsonObject json = JsonNode.Parse(File.ReadAllText(PathOf(name)))!.AsObject();
        edit(json);
        WriteText(name, json.ToJsonString(PellicleJson.Indented));
    }

    public string Report()
    {
        ReportResult result = ReportPipeline.Run(new ReportRequest { RunFolders = [Folder] });
        return File.ReadAllText(result.File);
    }

    public void WriteEvaluation(string[] classes) =>
        RunFolder.WriteJson(PathOf("eval-test.json"), Evaluation.Value with { RunDir = Folder, Classes = classes, PredictionsFile = PathOf("predictions/test.csv") });

    public void WriteAudit(double? epsilonUpper)
    {
        (AttackResult loss, AttackResult canary) = (epsilonUpper is null ? PlainAttacks : PrivateAttacks).Value;
        double lower = Math.Max(loss.EpsilonLowerBound, canary.EpsilonLowerBound);
        RunFolder.WriteJson(PathOf("audit.json"), new AuditResult
        {
            RunDir = Folder,
            Attacks = [loss, canary],
            EpsilonLowerBound = lower,
            EpsilonUpperBound = epsilonUpper,
            Delta = 1e-5,
            Consistent = epsilonUpper is null || lower <= epsilonUpper,
            Confidence = 0.95,
            Controls = new AuditControls(0.497, new Interval(0.481, 0.513), true),
        });
    }

    public void Dispose() => Directory.Delete(Path.GetDirectoryName(Folder)!, recursive: true);

    private static EvalResult MakeEvaluation()
    {
        var random = new SeededRandom(6);
        int[] labels = [.. Enumerable.Range(0, 600).Select(_ => random.NextInt(5) == 0 ? 1 : 0)];
        float[] p = [.. labels.Select(y => (float)(1 / (1 + Math.Exp(-(-1.4 + 1.9 * y + 1.1 * random.NextGaussian())))))];
        var predictions = new LabelledPredictions(labels, [.. p.SelectMany(one => new[] { 1 - one, one })], 2, patients: [.. labels.Select((_, i) => $"p{i / 2}")]);
        var options = new MetricsOptions { BootstrapReplicates = 100 };
        string?[] sexes = [.. labels.Select((_, i) => i % 25 == 0 ? null : i % 2 == 0 ? "female" : "male")];
        string?[] ages = [.. labels.Select((_, i) => (i % 18 * 5).ToString())];
        return new EvalResult
        {
            RunDir = string.Empty,
            Split = "test",
            Classes = [],
            Metrics = ClassificationMetrics.Compute(predictions, options),
            Bootstrap = BootstrapSummary.Of(predictions, options),
            Groups = [.. GroupMetrics.ByAttribute(predictions, "sex", sexes, options), .. GroupMetrics.ByAttribute(predictions, "age", ages, options)],
            CoveredByGuarantee = false,
            PredictionsFile = string.Empty,
        };
    }

    private static (AttackResult Loss, AttackResult Canary) MakeAttacks(double gap)
    {
        var random = new SeededRandom(8);
        AttackResult loss = LossAttack.Evaluate(
            [.. Enumerable.Range(0, 4000).Select(_ => Math.Exp(-gap + 0.9 * random.NextGaussian()))], [.. Enumerable.Range(0, 2000).Select(_ => Math.Exp(0.9 * random.NextGaussian()))],
            1e-5, 0.975, random, 4.2);
        AttackResult canary = LossAttack.Evaluate(
            [.. Enumerable.Range(0, 500).Select(_ => Math.Exp(-2 * gap + random.NextGaussian()))], [.. Enumerable.Range(0, 500).Select(_ => Math.Exp(random.NextGaussian()))],
            1e-5, 0.975, random, 312);
        return (loss, canary with { Name = "canary", Assumption = CanaryAttack.Assumption, Canaries = new CanarySummary(1000, 500, 400, 231, 800, 200) });
    }

    private string WriteLedger()
    {
        using PrivacyLedger ledger = PrivacyLedger.Create(PathOf("ledger.jsonl"), new JsonObject { ["mechanism"] = "dpSgd" });
        for (long step = 1; step <= 463; step++)
        {
            ledger.Reserve(step, 463, 0.04326, 1.63);
        }

        return ledger.Hash;
    }

    private static string StepLine(int step)
    {
        var random = new SeededRandom((ulong)step);
        var metrics = new StepMetrics(step, step * 256 / 5918.0, 256 + (int)(15 * random.NextGaussian()), 0.38 + 0.35 * Math.Exp(-step / 80.0) + 0.03 * random.NextGaussian(),
            Math.Clamp(0.9 - step / 1500.0 + 0.03 * random.NextGaussian(), 0, 1), 0.6 + 2.4 * Math.Sqrt(step / 463.0), 1e-5, 0.001 * (1 - step / 463.0), 0.41);
        return JsonSerializer.Serialize(metrics, PellicleJson.Line) + "\n";
    }

    private static JsonObject PrivacyJson(string hash) => new()
    {
        ["private"] = true, ["mechanism"] = "dpSgd", ["epsilon"] = 2.9983, ["epsilonLower"] = 2.9791, ["delta"] = 1e-5, ["accountant"] = "prv", ["accountantVersion"] = "PRV (Gopi et al. 2021), error 0.01",
        ["neighbouringRelation"] = "addOrRemoveOne", ["unit"] = "image", ["n"] = 5918, ["nIsPublic"] = true, ["maxImagesPerUnit"] = 1, ["sampling"] = "poisson", ["sampleRate"] = 0.04326,
        ["expectedBatchSize"] = 256, ["steps"] = 463, ["noiseMultiplier"] = 1.63, ["phases"] = new JsonArray(new JsonObject { ["sampleRate"] = 0.04326, ["noiseMultiplier"] = 1.63, ["steps"] = 463 }),
        ["maxGradNorm"] = 1.0, ["clipping"] = "flat", ["noiseSource"] = "secure", ["averagingDivisor"] = 256, ["augmentMultiplicity"] = 1, ["mu"] = 0.741,
        ["curve"] = new JsonArray([.. new (double, double)[] { (1e-3, 1.74), (1e-4, 2.41), (1e-5, 2.9983), (1e-6, 3.51), (1e-7, 3.97), (1e-8, 4.39), (1e-9, 4.78) }.Select(p => (JsonNode)new JsonObject { ["delta"] = p.Item1, ["epsilon"] = p.Item2 })]),
        ["byAccountant"] = new JsonObject { ["rdp"] = 3.31, ["prv"] = 2.9983, ["gdpApproximation"] = 2.61 }, ["pretraining"] = null, ["coversTuning"] = false,
        ["notCovered"] = new JsonArray("choosing settings by looking at private data", "per-step loss and clipped fraction in metrics.jsonl"), ["release"] = "finalModel", ["ledgerHash"] = hash,
        ["statement"] = "Training is (2.999, 1e-05)-differentially private for adding or removing one image.",
    };

    private static JsonObject RunJson() => new()
    {
        ["status"] = "completed", ["pellicleVersion"] = "0.1.0", ["libtorchVersion"] = "1.13.1", ["kernels"] = "avx2", ["threads"] = 2, ["startedAt"] = "2026-11-21T20:11:00+00:00", ["endedAt"] = "2026-11-21T20:15:09+00:00",
        ["seed"] = 1, ["dataSource"] = "pack:ham10000.zip", ["dataFingerprint"] = "9f2c41", ["isSynthetic"] = false, ["resumed"] = 0,
        ["result"] = new JsonObject
        {
            ["status"] = "completed", ["steps"] = 463, ["secondsTotal"] = 249.2, ["imagesPerSecond"] = 612.4, ["secondsPerStep"] = 0.41, ["peakMemoryBytes"] = 812_000_000,
            ["model"] = new JsonObject { ["name"] = "vit_tiny", ["parameters"] = 5_380_000, ["trainableParameters"] = 5_380_000 },
            ["data"] = new JsonObject { ["nTrain"] = 5918, ["patients"] = 4410, ["isSynthetic"] = false },
            ["layerPlan"] = new JsonArray(new JsonObject { ["layer"] = "blocks.0.attn.qkv", ["kind"] = "Linear", ["method"] = "perSample", ["tokens"] = 65, ["inputWidth"] = 192, ["outputWidth"] = 576, ["parameters"] = 111_168 }),
        },
    };
}
