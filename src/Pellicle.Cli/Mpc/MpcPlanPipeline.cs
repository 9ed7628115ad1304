using Pellicle.Core.Errors;
using Pellicle.Core.Random;
using Pellicle.Mpc.Channels;
using Pellicle.Mpc.Compiler;
using Pellicle.Mpc.Core;
using Pellicle.Mpc.Kits;
using Pellicle.Mpc.Party;
using Pellicle.Mpc.Protocols;

namespace Pellicle.Cli.Mpc;

/// <summary>Read the model → find its ranges on calibration images → plan → compare fixed-point with floating-point numbers → write the plan.</summary>
/// <param name="clock">Times the plain run.</param>
/// <param name="note">Takes warnings.</param>
internal sealed class MpcPlanPipeline(TimeProvider clock, Action<string> note)
{
    private const int MostTried = 4;
    private const double MostSpoiled = 1e-3;

    /// <summary>Plans, and writes the plan.</summary>
    /// <param name="request">Model, protocol, calibration.</param>
    /// <exception cref="DataFormatException">The model cannot be used on shares, or values could leave their range.</exception>
    public MpcPlanResult Run(MpcPlanRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        string file = FileOf(request);
        EncryptedModel model = EncryptedModel.Read(request.Model, request.Threads);
        CalibrationImages calibration = CalibrationImages.Read(model, request.Calibration);
        MpcPlan plan = Compile(model, calibration, new PlanOptions
        {
            Protocol = request.Protocol,
            FractionalBits = request.FractionalBits,
            Batch = request.Batch,
            ChunkElements = request.ChunkElements,
            Reveal = request.Reveal,
        });
        (double deviation, double seconds, int tried, double spoiled) = Deviation(model, calibration, request.FractionalBits);
        spoiled *= request.Batch;
        if (request.Protocol == MpcProtocol.SecureNn && spoiled > MostSpoiled)
        {
            note($"securenn rounds without a message, which spoils {spoiled:G2} values in a prediction on average (above {MostSpoiled}): use --protocol replicated3, or fewer --fractional-bits");
        }

        string? kits = KitsOf(request);
        if (kits is not null)
        {
            plan = WriteKits(request, model, plan, kits);
        }
        else
        {
            MpcPlanFile.Write(file, plan);
        }

        return Describe(request, plan, file) with
        {
            Kits = kits,
            ExpectedSpoiledValues = request.Protocol == MpcProtocol.SecureNn ? spoiled : null,
            Calibration = new CalibrationReport(calibration.Source, calibration.Images.Count, Calibration.Margin, deviation, tried),
            Estimate = Estimate(plan, 2 * seconds * request.Batch),
        };
    }

    /// <summary>Plans without writing.</summary>
    /// <param name="model">The model.</param>
    /// <param name="calibration">Images for the ranges.</param>
    /// <param name="options">Protocol, scale, batch; input and classes are those of the model.</param>
    public MpcPlan Compile(EncryptedModel model, CalibrationImages calibration, PlanOptions options)
    {
        if (calibration.IsSynthetic)
        {
            note("ranges come from synthetic images: values of real ones could leave them, which shows as wrong logits; give --calibrate DATA, and check with --compare-plain");
        }
        else if (calibration.Images.Count < CalibrationImages.Few)
        {
            note($"ranges come from {calibration.Images.Count} images; expected at least {CalibrationImages.Few}: check with --compare-plain");
        }

        return MpcCompiler.Compile(model.NetworkFor(options.Reveal), calibration.Images, options with { Input = model.Input, Classes = model.Classes });
    }

    private (double Deviation, double Seconds, int Tried, double Spoiled) Deviation(EncryptedModel model, CalibrationImages calibration, int fractionalBits)
    {
        MpcPlan plain = MpcCompiler.Compile(model.Network, calibration.Images, new PlanOptions { Protocol = MpcProtocol.Plain, FractionalBits = fractionalBits });
        using var run = new PlainPrediction(model.Network, plain, new SystemSecureRandom(), clock);
        double deviation = 0, seconds = double.PositiveInfinity, spoiled = 0;
        float[][] tried = [.. calibration.Images.Take(MostTried)];
        foreach (float[] image in tried)
        {
            PartyRun result = run.Predict(image);
            spoiled = Math.Max(spoiled, run.ExpectedSpoiledValues);
            seconds = Math.Min(seconds, result.Seconds);
            deviation = Math.Max(deviation, result.Logits.Zip(model.Plain(image), (a, b) => Math.Abs(a - b)).Max());
        }

        return (deviation, seconds, tried.Length, spoiled);
    }

    private static NetworkEstimate Estimate(MpcPlan plan, double compute) =>
        new(compute, compute + plan.SecondsOn(SimulatedNetwork.Lan), compute + plan.SecondsOn(SimulatedNetwork.Wan));

    private MpcPlan WriteKits(MpcPlanRequest request, EncryptedModel model, MpcPlan plan, string folder)
    {
        var kits = KitRequest.Of(model.NetworkFor(plan.Reveal).ForImages(plan.Batch), plan) with { Overwrite = request.MayReplace, Certificates = request.Certificates };
        new KitWriter(new SystemSecureRandom(), clock).Write(folder, kits);
        if (request.Certificates.Count < PartyId.Count)
        {
            note($"whoever ran this command has seen the keys and weight shares of all parties: hand out the folders of '{folder}', one to each party, and keep no copy (keys that never leave a party: mpc party --init, --party-certificate)");
        }

        return MpcPlanFile.Read(Path.Combine(folder, "plan.json"));
    }

    private static string? KitsOf(MpcPlanRequest request) =>
        request.Out is { } folder && request.Protocol != MpcProtocol.Plain && !folder.EndsWith(".json", StringComparison.OrdinalIgnoreCase) ? folder : null;

    private static string FileOf(MpcPlanRequest request)
    {
        string folder = Directory.Exists(request.Model) ? Path.Combine(request.Model, "mpc") : Path.Combine(Path.GetDirectoryName(request.Model) ?? "", "mpc");
        string asked = request.Out ?? folder;
        string file = asked.EndsWith(".json", StringComparison.OrdinalIgnoreCase) ? asked : Path.Combine(asked, "plan.json");
        return KitsOf(request) is not null || !File.Exists(file) || request.MayReplace
            ? file
            : throw new UsageException($"the plan '{file}' exists already.", "Give another --out, or --yes to replace it: parties that hold the old plan will refuse the new one.");
    }

    private static MpcPlanResult Describe(MpcPlanRequest request, MpcPlan plan, string file) => new()
    {
        PlanFile = file,
        PlanHash = plan.Hash,
        Protocol = plan.Protocol,
        Parties = request.Protocol.Parties(),
        ThreatModel = request.Protocol.ThreatModel(),
        Leaks = MpcText.Leaks(request.Protocol),
        FractionalBits = plan.FractionalBits,
        Batch = plan.Batch,
        Input = plan.Input,
        Classes = plan.Classes,
        Layers = [.. plan.Layers.Select(layer => new LayerCost(layer.Name, layer.Operator, layer.Rounds, layer.Bytes, layer.Range.SignWidth == 0 ? null : layer.Range.SignWidth, layer.Layer.Approximation))],
        Rounds = plan.Rounds,
        Bytes = plan.Bytes,
        Calibration = new CalibrationReport("", 0, 0, 0, 0),
        Estimate = new NetworkEstimate(0, 0, 0),
    };
}
