using Pellicle.Core.Errors;
using Pellicle.Mpc.Compiler;
using Pellicle.Mpc.Party;
using Pellicle.Mpc.Protocols;
using Pellicle.Training.Evaluation;
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
        MpcPredictResult result = Run(request, model, ClientImages.Read(model, request.Images), cancellation);
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
        MpcPlan plan = new MpcPlanPipeline(clock, note).Compile(model, CalibrationImages.Read(model, request.Calibration), request.Protocol, request.FractionalBits, batch, request.Reveal);
        Network network = model.NetworkFor(request.Reveal).ForImages(batch);
        long shared = clock.GetTimestamp();
        using IPartyRunner parties = PartyRunners.StartLocal(network, plan, request.Network, clock);
        double secondsOffline = clock.GetElapsedTime(shared).TotalSeconds;
        if (request.Iterations is not null)
        {
            parties.Predict(new float[plan.InputCount]);
        }

        var logits = new List<double[]>();
        var seconds = new List<double>();
        PartyRun last = PartyRun.None;
        for (int first = 0; first < images.Count; first += batch)
        {
            float[][] group = [.. images.Skip(first).Take(batch).Select(image => image.Values)];
            float[] input = Interleaved(group, batch);
            for (int i = 0; i < (request.Iterations ?? 1); i++)
            {
                cancellation.ThrowIfCancellationRequested();
                last = parties.Predict(input);
                seconds.Add(last.Seconds);
            }

            logits.AddRange(Separated(last.Logits, group.Length, batch));
        }

        return new MpcPredictResult
        {
            Protocol = plan.Protocol,
            Parties = request.Protocol.Parties(),
            ThreatModel = request.Protocol.ThreatModel(),
            Leaks = MpcText.Leaks(request.Protocol),
            FractionalBits = plan.FractionalBits,
            PlanHash = plan.Hash,
            Local = true,
            Predictions = [.. images.Select((image, i) => Describe(image.Name, logits[i], plan))],
            Plain = request.ComparesPlain ? [.. images.Select((image, i) => Compare(model, image.Values, logits[i], plan.Reveal))] : null,
            Cost = new PredictionCost(last.Traffic.Rounds, 0, last.Traffic.Bytes, 0, last.Traffic.BytesPerParty, Median(seconds), secondsOffline, clock.GetElapsedTime(start).TotalSeconds, seconds),
            Layers = last.Layers,
            Network = request.Network is { } simulated ? new NetworkUse("simulated", simulated.RttMs, simulated.BitsPerSecond) : new NetworkUse("loopback", null, null),
            Revealed = request.Protocol == MpcProtocol.Plain ? ["everything: nothing is shared"] : [plan.Reveal == RevealedResult.Class ? "class to client" : "logits to client"],
        };
    }

    // [element][image]; what is missing of the last batch is zeros, which no server can tell from images.
    private static float[] Interleaved(float[][] images, int batch)
    {
        var values = new float[images[0].Length * batch];
        for (int n = 0; n < images.Length; n++)
        {
            for (int i = 0; i < images[n].Length; i++)
            {
                values[(i * batch) + n] = images[n][i];
            }
        }

        return values;
    }

    private static IEnumerable<double[]> Separated(double[] logits, int images, int batch) =>
        Enumerable.Range(0, images).Select(n => Enumerable.Range(0, logits.Length / batch).Select(k => logits[(k * batch) + n]).ToArray());

    private static EncryptedPrediction Describe(string file, double[] logits, MpcPlan plan)
    {
        IReadOnlyList<string> classes = plan.Classes;
        if (plan.Reveal == RevealedResult.Class)
        {
            return new EncryptedPrediction(file, classes[(int)Math.Round(logits[0])], null, null);
        }

        double[] exponentials = [.. logits.Select(value => Math.Exp(value - logits.Max()))];
        double sum = exponentials.Sum();
        return new EncryptedPrediction(
            file,
            classes[Largest(logits)],
            logits,
            [.. classes.Select((name, k) => new ClassProbability(name, exponentials[k] / sum)).OrderByDescending(one => one.Probability)]);
    }

    private static PlainComparison Compare(EncryptedModel model, float[] image, double[] logits, RevealedResult reveal)
    {
        double[] plain = Array.ConvertAll(model.Plain(image), value => (double)value);
        return reveal == RevealedResult.Class
            ? new PlainComparison(model.Classes[Largest(plain)], plain, null, Largest(plain) == (int)Math.Round(logits[0]))
            : new PlainComparison(model.Classes[Largest(plain)], plain, plain.Zip(logits, (a, b) => Math.Abs(a - b)).Max(), Largest(plain) == Largest(logits));
    }

    private static int Largest(double[] values) => Array.IndexOf(values, values.Max());

    private static double Median(List<double> values)
    {
        double[] sorted = [.. values.Order()];
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }
}
