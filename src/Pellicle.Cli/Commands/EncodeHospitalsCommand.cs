using System.CommandLine;
using Pellicle.Cli.Encode;
using Pellicle.Cli.Output;
using Pellicle.Cli.Parsing;
using Pellicle.Core.Errors;
using Pellicle.Data;
using Pellicle.NeuraCrypt;
using Pellicle.NeuraCrypt.Hospitals;
using Pellicle.NeuraCrypt.Release;
using Pellicle.Training.Configuration;
using Pellicle.Training.Metrics;
using Pellicle.Training.Runs;

namespace Pellicle.Cli.Commands;

/// <summary><c>encode hospitals</c>: one classifier for all hospitals against one for each alone.</summary>
internal sealed class EncodeHospitalsCommand : CliCommand
{
    private static readonly string[] DataKeys = ["data.image", "data.label", "data.patient", "data.split", "data.validationShare", "data.limit", "data.imageRoot", "data.window"];

    private readonly ArchitectureOptions _architecture = new();
    private readonly Argument<string?> _source = CliOption.Operand("MERGED", "folder of 'encode merge'; with --simulate any source of pictures");
    private readonly Option<int?> _simulate = CliOption.Whole("--simulate", "N", "divide the pictures among N hospitals by patient, encode and merge in one process", 2, 64);
    private readonly Option<string?> _dtype = CliOption.Choice("--dtype", "TYPE", "number format of simulated encodings [f32]", "f32", "f16", "bf16");

    public override string Name => "encode hospitals";

    public override string Summary => "train on several hospitals together and on each alone";

    public override string Operands => "MERGED";

    public override IReadOnlyList<Argument> Arguments => [_source];

    public override IReadOnlyList<Option> Options =>
        [_simulate, _architecture.Specification, _dtype, .. SettingOptions.Named(DataKeys), .. SettingOptions.Of("model", "privacy", "train")];

    public override IReadOnlyList<string> Details =>
    [
        "Trains on all hospitals, which are drawn equally often, as are their classes, and on each alone, and reports the test AUC of each hospital with intervals.",
        "Runs go to --out DIR. The network is vit_encoded unless --model says otherwise; --source-tokens learns a token for each hospital.",
        "With --simulate the sizes of the encoders come from --spec, or are those of the paper.",
        .. HonestWording.Sentences,
    ];

    public override IReadOnlyList<string> Examples =>
    [
        "pellicle encode hospitals merged --non-private --epochs 20 --out runs/two-hospitals",
        "pellicle encode hospitals xrays.zip --simulate 2 --spec specification.json --non-private --validation-share 0.1 --keep-best --out simulated",
    ];

    public override IEnumerable<Problem> Check(CommandContext context)
    {
        if (context.Out is null)
        {
            yield return new Problem("--out", "--out is not given; it names the folder of the runs.", "Give --out DIR.");
        }

        if (context.Value(_simulate) is null && (context.IsGiven(_architecture.Specification) || context.IsGiven(_dtype)))
        {
            yield return new Problem("--spec", "--spec and --dtype belong to --simulate: merged encodings are made already.", "Leave them out.");
        }

        foreach (Problem problem in TrainConfigLoader.Check(context.Settings with { Config = Settings(context, context.Value(_source) ?? "") }))
        {
            yield return problem;
        }
    }

    public override CommandOutcome Run(CommandContext context)
    {
        string merged = context.Value(_simulate) is { } hospitals ? Simulate(context, hospitals) : context.Value(_source)!;
        HospitalsResult result = new HospitalsPipeline(context.Host.Clock, new TrainingProgress(context.Reporter)).Run(
            new HospitalsRequest { Config = Settings(context, merged), MergedFolder = merged, OutFolder = context.Out! },
            context.Cancellation) with { Simulated = context.Value(_simulate) is not null };
        return new CommandOutcome(result, writer => Write(writer, result));
    }

    private string Simulate(CommandContext context, int hospitals)
    {
        DatasetOptions options = RunConfig.DatasetOptions(context.Settings.Config);
        EncodingSpecification specification = _architecture.ReadSpecification(context) ?? Specification(context, options);
        return new SimulatePipeline(context.Host.Clock, context.Reporter.Warn, (done, all) => context.Reporter.Progress(() => $"encoded {done} of {all} images")).Run(
            new SimulateRequest
            {
                Source = context.Value(_source)!,
                Options = options,
                Specification = specification,
                Hospitals = hospitals,
                OutFolder = context.Out!,
                Type = Enum.Parse<EncodingType>(context.Value(_dtype) ?? "f32", ignoreCase: true),
                Threads = context.Threads,
            },
            context.Cancellation).OutDir;
    }

    private EncodingSpecification Specification(CommandContext context, DatasetOptions options)
    {
        using ImageDataset dataset = ImageDataset.Open(context.Value(_source)!, options);
        return new EncodingSpecification(new NeuraCrypt.Encoders.EncoderArchitecture(), dataset.Classes);
    }

    private static TrainConfig Settings(CommandContext context, string merged)
    {
        TrainConfig config = context.Settings.Config;
        bool isBuiltIn = context.Settings.Origins["model.name"].Layer == SettingLayer.BuiltIn;
        return config with
        {
            Data = new DataSection { Source = "encoded:" + merged, ValidationShare = config.Data.ValidationShare, LoaderThreads = config.Data.LoaderThreads },
            Model = isBuiltIn ? config.Model with { Name = "vit_encoded" } : config.Model,
        };
    }

    private static void Write(TextWriter writer, HospitalsResult result)
    {
        var table = new TextTable("hospital", ">test images", ">AUC alone", ">AUC joint", "alone, on the encodings of others");
        foreach (HospitalResult hospital in result.Hospitals)
        {
            table.Add(hospital.Name, $"{hospital.Joint?.N}", Auc(hospital.Alone), Auc(hospital.Joint), string.Join(", ", hospital.ElsewhereAlone.Select(other => $"{other.Value} {Auc(other.Metrics)}")));
        }

        table.WriteTo(writer);
        writer.WriteLine($"joint, all test images: {Auc(result.JointTest)}");
        if (result.JointPrivacy.Private)
        {
            writer.WriteLine("joint run:");
            PrivacyText.WriteGuarantee(writer, result.JointPrivacy);
            foreach (HospitalResult hospital in result.Hospitals)
            {
                writer.WriteLine($"run of {hospital.Name} alone:");
                PrivacyText.WriteGuarantee(writer, hospital.AlonePrivacy);
            }

            writer.WriteLine("The joint run and the run alone both used the images of a hospital: their costs add up. Encodings, labels and counts are not covered.");
        }

        foreach (string sentence in HonestWording.Sentences)
        {
            writer.WriteLine(sentence);
        }
    }

    private static string Auc(ClassificationMetrics? metrics) =>
        metrics is null ? "-" : metrics.Intervals.Auc is { } i ? $"{ReadableNumber.Fixed(metrics.Auc, 4)} [{ReadableNumber.Fixed(i.Low, 4)}, {ReadableNumber.Fixed(i.High, 4)}]" : ReadableNumber.Fixed(metrics.Auc, 4);
}
