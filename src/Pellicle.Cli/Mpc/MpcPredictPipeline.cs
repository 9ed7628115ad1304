using Pellicle.Core.Errors;
using Pellicle.Mpc.Compiler;
using Pellicle.Mpc.Party;
using Pellicle.Training.Runs;

namespace Pellicle.Cli.Mpc;

/// <summary>Read the model → plan → share the weights → for each batch: share the images, let the parties compute, put the logits together → compare with the plain graph.</summary>
/// <param name="clock">Times predictions.</param>
/// <param name="note">Takes warnings.</param>
internal sealed class MpcPredictPipeline(TimeProvider clock, Action<string> note)
{
    /// <summary>Predicts images.</summary>
    /// <param name="request">Model, images, protocol.</param>
    /// <param name="cancellation">Ends the command between predictions.</param>
    /// <exception cref="DataFormatException">Model or images cannot be used.</exception>
    /// <exception cref="ProtocolException">A party failed.</exception>
    public MpcPredictResult Run(MpcPredictRequest request, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(request);
        EncryptedModel model = EncryptedModel.Read(request.Model, request.Threads);
        MpcPredictResult result = Run(request, model, ClientImages.Read(model.Input, model.File, request.Images), cancellation);
        if (File.Exists(Path.Combine(request.Model, "run.json")))
        {
            Keep(result, request.Model);
        }

        return result;
    }

    /// <summary>Keeps a result in a run folder for the report, without images and logits.</summary>
    /// <param name="result">The result.</param>
    /// <param name="run">The run folder.</param>
    public static void Keep(MpcPredictResult result, string run)
    {
        ArgumentNullException.ThrowIfNull(result);
        RunFolder.WriteJson(Path.Combine(run, "mpc.json"), result with { Predictions = [], Plain = result.Plain is null ? null : [.. result.Plain.Select(image => image with { Predicted = "", Logits = [] })] });
    }

    /// <summary>Predicts images that are prepared already.</summary>
    /// <param name="request">Protocol and what to do beside.</param>
    /// <param name="model">The model.</param>
    /// <param name="images">Names and prepared values.</param>
    /// <param name="cancellation">Ends the work between predictions.</param>
    public MpcPredictResult Run(MpcPredictRequest request, EncryptedModel model, IReadOnlyList<(string Name, float[] Values)> images, CancellationToken cancellation)
    {
        long start = clock.GetTimestamp();
        int batch = Math.Min(request.Batch, images.Count);
        MpcPlan plan = new MpcPlanPipeline(clock, note).Compile(model, CalibrationImages.Read(model, request.Calibration), new PlanOptions
        {
            Protocol = request.Protocol,
            FractionalBits = request.FractionalBits,
            Batch = batch,
            ChunkElements = request.ChunkElements,
            Reveal = request.Reveal,
        });
        Network network = model.NetworkFor(request.Reveal).ForImages(batch);
        long shared = clock.GetTimestamp();
        using IPartyRunner parties = PartyRunners.StartLocal(network, plan, request, clock, cancellation);
        double secondsOffline = clock.GetElapsedTime(shared).TotalSeconds;
        BatchRun run = BatchRun.Of(parties, plan, [.. images.Select(image => image.Values)], request.Iterations, cancellation);
        NetworkUse link = request.Network is { } simulated ? new NetworkUse("simulated", simulated.RttMs, simulated.BitsPerSecond) : new NetworkUse("loopback", null, null);
        return MpcPredictResult.Of(plan, [.. images.Select(image => image.Name)], run, run.Cost(secondsOffline, clock.GetElapsedTime(start).TotalSeconds), link) with
        {
            Plain = request.ComparesPlain ? [.. images.Select((image, i) => Compare(model, image.Values, run.Logits[i], plan.Reveal))] : null,
        };
    }

    private static PlainComparison Compare(EncryptedModel model, float[] image, double[] logits, RevealedResult reveal)
    {
        double[] plain = Array.ConvertAll(model.Plain(image), value => (double)value);
        int largest = EncryptedPrediction.Largest(plain);
        return reveal == RevealedResult.Class
            ? new PlainComparison(model.Classes[largest], plain, null, largest == (int)Math.Round(logits[0]))
            : new PlainComparison(model.Classes[largest], plain, plain.Zip(logits, (a, b) => Math.Abs(a - b)).Max(), largest == EncryptedPrediction.Largest(logits));
    }
}
