using Pellicle.Audit;
using Pellicle.Cli.Mpc;
using Pellicle.Cli.Output;
using Pellicle.Core.Errors;
using Pellicle.Core.Random;
using Pellicle.Data;
using Pellicle.Data.Synthetic;
using Pellicle.Mpc.Compiler;
using Pellicle.Mpc.Compiler.Reading;
using Pellicle.Privacy.Plan;
using Pellicle.Reporting;
using Pellicle.Training;
using Pellicle.Training.Configuration;
using Pellicle.Training.Evaluation;
using Pellicle.Training.Exchange;
using Pellicle.Training.Runs;

namespace Pellicle.Cli.Demo;

/// <summary>Make images → plan → train with privacy → evaluate → audit → export → predict under encryption → report.</summary>
/// <param name="context">Reporter, clock, cancellation.</param>
internal sealed class DemoPipeline(CommandContext context)
{
    private const double TargetEpsilon = 8;
    private const double Delta = 1e-4;
    private const int Canaries = 200;
    private const int EncryptedImages = 3;

    /// <summary>Runs the demo.</summary>
    /// <param name="request">Folder and sizes.</param>
    /// <exception cref="UsageException">The folder holds files already.</exception>
    public DemoResult Run(DemoRequest request)
    {
        long start = context.Host.Clock.GetTimestamp();
        string images = MakeImages(request);
        TrainConfig config = Settings(request, images);
        Plan(config, request);
        TrainResult train = Train(config, Path.Combine(request.OutDir, "run"));
        EvalResult eval = Evaluate(train.RunDir);
        AuditResult audit = Audit(train.RunDir);
        ModelExportResult export = Export(train.RunDir);
        MpcPredictResult mpc = PredictEncrypted(request, export.Files[0], images, train.RunDir);
        string report = Report(train.RunDir, Path.Combine(request.OutDir, "report.html"));
        return new DemoResult
        {
            OutDir = request.OutDir,
            Report = report,
            Train = train,
            Eval = eval,
            Audit = audit,
            Export = export,
            Mpc = mpc,
            SecondsTotal = context.Host.Clock.GetElapsedTime(start).TotalSeconds,
        };
    }

    private string MakeImages(DemoRequest request)
    {
        if (Directory.Exists(request.OutDir) && Directory.EnumerateFileSystemEntries(request.OutDir).Any())
        {
            throw new UsageException($"the folder '{request.OutDir}' already holds files; the demo needs a folder of its own.", "Give another --out.");
        }

        string file = Path.Combine(request.OutDir, "synthetic.zip");
        context.Reporter.Note($"1/8 makes {request.Images} synthetic skin images (not patient data): {file}");
        SyntheticImages.Write(new SyntheticOptions { Images = request.Images, Seed = context.Settings.Config.Seed }, file, context.Threads);
        return file;
    }

    private TrainConfig Settings(DemoRequest request, string images)
    {
        var config = new TrainConfig { Seed = context.Settings.Config.Seed, Threads = context.Threads };
        return config with
        {
            Data = config.Data with { Source = "pack:" + images, Attributes = ["sex", "age"] },
            Model = config.Model with { Name = "cnn_small", ImageSize = 32 },
            Privacy = config.Privacy with { TargetEpsilon = TargetEpsilon, Delta = Delta },
            Train = config.Train with { Batch = Math.Min(256, request.Images / 4), Epochs = request.Epochs, Optimizer = OptimizerChoice.Adam, Lr = 2e-3, Augment = "flip" },
        };
    }

    private void Plan(TrainConfig config, DemoRequest request)
    {
        // The pack puts a fifth of its patients into the test split: about this many are trained on. The run plans again with the exact number.
        int n = (int)(request.Images * (1 - new SyntheticOptions().TestShare));
        BudgetPlan plan = BudgetPlanner.Plan(new PlanRequest
        {
            N = n,
            ExpectedBatchSize = config.Train.Batch,
            Epochs = config.Train.Epochs,
            TargetEpsilon = TargetEpsilon,
            Delta = Delta,
        });
        context.Reporter.Note($"2/8 plans: about {n} training images, {plan.Steps} steps, noise multiplier {ReadableNumber.Fixed(plan.NoiseMultiplier, 3)} for epsilon {TargetEpsilon} at delta {ReadableNumber.Of(Delta)} (unit image, add or remove one, Poisson sampling, prv)");
    }

    private TrainResult Train(TrainConfig config, string folder)
    {
        context.Reporter.Note("3/8 trains cnn_small with differential privacy");
        TrainResult result = new TrainPipeline(context.Host.Clock, new TrainingProgress(context.Reporter))
            .Run(new TrainRequest { Config = config, OutFolder = folder, LinkAsLast = false }, context.Cancellation);
        context.Reporter.EndProgress();
        return result.Status == RunStatus.Interrupted ? throw new OperationCanceledException(context.Cancellation) : result;
    }

    private EvalResult Evaluate(string run)
    {
        context.Reporter.Note("4/8 evaluates on the test images, by sex");
        return new EvalPipeline().Run(new EvalRequest { RunFolder = run, By = ["sex"], Threads = context.Threads }, context.Cancellation);
    }

    private AuditResult Audit(string run)
    {
        context.Reporter.Note("5/8 audits: loss attack, and a twin with planted canaries");
        var request = new AuditRequest { RunFolder = run, Attacks = ["loss", "canary"], Canaries = Canaries, Threads = context.Threads, Seed = context.Settings.Config.Seed };
        AuditResult result = new AuditPipeline(context.Host.Clock, new SystemSecureRandom(), new TrainingProgress(context.Reporter, "audit")).Run(request, context.Cancellation);
        context.Reporter.EndProgress();
        return result;
    }

    private ModelExportResult Export(string run)
    {
        context.Reporter.Note("6/8 exports the model as ONNX");
        return new ModelExportPipeline(NetworkReader.ProblemsOf).Run(new ModelExportRequest { Model = run, Format = ModelFormat.Onnx, Threads = context.Threads });
    }

    // Ranges of values become known: they come from other images than those of the run.
    private MpcPredictResult PredictEncrypted(DemoRequest request, string onnx, string images, string run)
    {
        context.Reporter.Note($"7/8 predicts {EncryptedImages} test images by three parties none of whom sees them, and compares with the model in the clear");
        string calibration = Path.Combine(request.OutDir, "calibration.zip");
        SyntheticImages.Write(new SyntheticOptions { Images = CalibrationImages.Few, TestShare = 0, Seed = context.Settings.Config.Seed + 1 }, calibration, context.Threads);
        EncryptedModel model = EncryptedModel.Read(onnx, context.Threads);
        using ImageDataset data = ImageDataset.Open("pack:" + images);
        (string, float[])[] test = [.. data.RequireSplit(SplitName.Test).Take(EncryptedImages).Select(record =>
        {
            var pixels = new float[model.Transform!.SampleCount];
            model.Transform.Apply(data.Read(record), pixels);
            return (data.Records[record].File, pixels);
        })];
        var predict = new MpcPredictRequest
        {
            Model = onnx,
            Images = [.. test.Select(image => image.Item1)],
            FractionalBits = MpcCompiler.MostFractionalBits,
            Calibration = "pack:" + calibration,
            ComparesPlain = true,
            Threads = context.Threads,
        };
        MpcPredictResult result = new MpcPredictPipeline(context.Host.Clock, context.Reporter.Warn).Run(predict, model, test, context.Cancellation);
        MpcPredictPipeline.Keep(result, run);
        return result;
    }

    private string Report(string run, string file)
    {
        context.Reporter.Note("8/8 writes the report");
        return ReportPipeline.Run(new ReportRequest { RunFolders = [run], OutFile = file }).File;
    }
}
