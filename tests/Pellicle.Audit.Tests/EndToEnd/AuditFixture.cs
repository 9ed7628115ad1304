using Pellicle.Training;
using Pellicle.Training.Configuration;
using Pellicle.Training.Runs;

namespace Pellicle.Audit.Tests.EndToEnd;

/// <summary>Small runs on procedural images to audit, in a folder that vanishes with the test.</summary>
public abstract class AuditFixture : IDisposable
{
    protected AuditFixture() => Folder = Directory.CreateTempSubdirectory("pellicle-audit-").FullName;

    protected string Folder { get; }

    protected string RunFolder => Path.Combine(Folder, "run");

    protected static TrainConfig SmallRun(long steps = 15) => new()
    {
        Data = new DataSection { Source = "synth:dermoscopy,images=200,size=16", Split = "60/20/20" },
        Model = new ModelSection { Name = "cnn_mnist", ImageSize = 28 },
        Privacy = new PrivacySection { NoiseMultiplier = 1.0, Delta = 1e-3, Accountant = AccountantChoice.Rdp },
        Train = new TrainSection { Batch = 30, Epochs = null, Steps = steps, Lr = 2e-3, Optimizer = OptimizerChoice.Adam },
        Seed = 3,
        Threads = 1,
    };

    public void Dispose()
    {
        Directory.Delete(Folder, recursive: true);
        GC.SuppressFinalize(this);
    }

    protected TrainResult Train(TrainConfig config) =>
        new TrainPipeline(TimeProvider.System, new Notes()).Run(new TrainRequest { Config = config, OutFolder = RunFolder, RunsFolder = Folder, LinkAsLast = false, EvaluateAtEnd = false });

    protected static AuditResult Audit(AuditRequest request, Notes? notes = null, CancellationToken cancellation = default) =>
        new AuditPipeline(TimeProvider.System, new ReproducibleCoins(8), notes ?? new Notes()).Run(request, cancellation);

    protected AuditRequest Request(params string[] attacks) => new() { RunFolder = RunFolder, Attacks = attacks, ShadowModels = 4, Threads = 1, Seed = 1 };

    /// <summary>Remembers what an observer is told.</summary>
    protected sealed class Notes : ITrainingObserver
    {
        public List<string> Texts { get; } = [];

        public Action<StepMetrics>? OnStep { get; init; }

        public void Note(string text) => Texts.Add(text);

        public void Warn(string text) => Texts.Add(text);

        public void StepTaken(StepMetrics metrics, long plannedSteps) => OnStep?.Invoke(metrics);
    }
}
