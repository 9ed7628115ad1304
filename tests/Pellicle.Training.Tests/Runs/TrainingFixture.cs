using Pellicle.Training.Configuration;
using Pellicle.Training.Runs;

namespace Pellicle.Training.Tests.Runs;

/// <summary>Small runs on procedural images, in a folder that vanishes with the test.</summary>
public abstract class TrainingFixture : IDisposable
{
    protected TrainingFixture() => Folder = Directory.CreateTempSubdirectory("pellicle-train-").FullName;

    protected string Folder { get; }

    protected static TrainConfig SmallRun(long steps = 30) => new()
    {
        Data = new DataSection { Source = "synth:dermoscopy,images=160,size=16" },
        Model = new ModelSection { Name = "cnn_small", ImageSize = 16 },
        Privacy = new PrivacySection { NoiseMultiplier = 1.0, Delta = 1e-3, InsecureSeed = 11, Accountant = AccountantChoice.Rdp },
        Train = new TrainSection { Batch = 16, Epochs = null, Steps = steps, Lr = 1e-3, Optimizer = OptimizerChoice.Adam, Augment = "flip" },
        Seed = 3,
        Threads = 1,
    };

    public void Dispose()
    {
        Directory.Delete(Folder, recursive: true);
        GC.SuppressFinalize(this);
    }

    protected TrainResult Train(TrainConfig config, string name, ITrainingObserver? observer = null, CancellationToken cancellation = default) =>
        new TrainPipeline(TimeProvider.System, observer ?? new Silent()).Run(Request(config, name), cancellation);

    protected TrainResult Resume(TrainConfig config, string name) =>
        new TrainPipeline(TimeProvider.System, new Silent()).Run(Request(config, name) with { OutFolder = null, ResumeFolder = In(name) });

    protected TrainRequest Request(TrainConfig config, string name) => new() { Config = config, OutFolder = In(name), RunsFolder = Folder, LinkAsLast = false };

    protected string In(string name) => Path.Combine(Folder, name);

    protected byte[] WeightsOf(string name) => File.ReadAllBytes(Path.Combine(In(name), "model", "model.safetensors"));

    protected byte[] LedgerOf(string name) => File.ReadAllBytes(RunFolder.Open(In(name)).LedgerFile);

    /// <summary>Says nothing.</summary>
    protected class Silent : ITrainingObserver
    {
        public void Note(string text)
        {
            // Tests look at results.
        }

        public virtual void Warn(string text)
        {
            // Tests look at results.
        }

        public virtual void StepTaken(StepMetrics metrics, long plannedSteps)
        {
            // Tests look at results.
        }
    }

    /// <summary>Does something after a step.</summary>
    protected sealed class After(long step, Action action) : Silent
    {
        public override void StepTaken(StepMetrics metrics, long plannedSteps)
        {
            if (metrics.Step == step)
            {
                action();
            }
        }
    }

    /// <summary>Stands for a kill: nothing of the run's own clean-up may depend on it.</summary>
    protected sealed class KilledException : Exception;
}
