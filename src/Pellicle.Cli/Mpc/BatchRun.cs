using Pellicle.Mpc.Compiler;
using Pellicle.Mpc.Party;
using Pellicle.Mpc.Protocols;

namespace Pellicle.Cli.Mpc;

/// <summary>Predictions of images in batches of a plan: interleave → predict, as often as asked → separate.</summary>
/// <param name="Logits">One array an image.</param>
/// <param name="Seconds">Of every timed prediction.</param>
/// <param name="Last">The last prediction.</param>
internal sealed record BatchRun(IReadOnlyList<double[]> Logits, IReadOnlyList<double> Seconds, PartyRun Last)
{
    /// <summary>Predicts.</summary>
    /// <param name="parties">Where.</param>
    /// <param name="plan">Their plan.</param>
    /// <param name="images">Prepared values.</param>
    /// <param name="iterations">Timed predictions of each batch after a warm-up; null: one, without a warm-up.</param>
    /// <param name="cancellation">Ends the work between predictions.</param>
    public static BatchRun Of(IPartyRunner parties, MpcPlan plan, IReadOnlyList<float[]> images, int? iterations, CancellationToken cancellation)
    {
        if (iterations is not null)
        {
            parties.Predict(new float[plan.InputCount]);
        }

        var logits = new List<double[]>();
        var seconds = new List<double>();
        PartyRun last = PartyRun.None;
        for (int first = 0; first < images.Count; first += plan.Batch)
        {
            float[][] group = [.. images.Skip(first).Take(plan.Batch)];
            float[] input = Interleaved(group, plan.Batch);
            for (int i = 0; i < (iterations ?? 1); i++)
            {
                cancellation.ThrowIfCancellationRequested();
                last = parties.Predict(input);
                seconds.Add(last.Seconds);
            }

            logits.AddRange(Separated(last.Logits, group.Length, plan.Batch));
        }

        return new BatchRun(logits, seconds, last);
    }

    /// <summary>What it cost.</summary>
    /// <param name="protocol">Says what of the traffic is prepared ahead.</param>
    /// <param name="secondsOffline">Sharing of the weights.</param>
    /// <param name="secondsTotal">The whole command.</param>
    public PredictionCost Cost(MpcProtocol protocol, double secondsOffline, double secondsTotal)
    {
        (long rounds, long bytes) = protocol.Prepared(Last.Traffic);
        return new(Last.Traffic.Rounds, rounds, Last.Traffic.Bytes - bytes, bytes, Last.Traffic.BytesPerParty, Median(Seconds), secondsOffline, secondsTotal, Seconds);
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

    private static double Median(IReadOnlyList<double> values)
    {
        double[] sorted = [.. values.Order()];
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }
}
