using Pellicle.Core.Errors;
using Pellicle.Mpc.Compiler;
using Pellicle.Mpc.Core;
using Pellicle.Mpc.Party;
using Pellicle.Mpc.Protocols;
using Pellicle.Training.Evaluation;

namespace Pellicle.Cli.Mpc;

/// <summary>Result of <c>mpc predict</c>; property names are the JSON fields.</summary>
internal sealed record MpcPredictResult
{
    /// <summary>replicated3, securenn, masked or plain.</summary>
    public required string Protocol { get; init; }

    /// <summary>Servers.</summary>
    public required int Parties { get; init; }

    /// <summary>Against whom it protects.</summary>
    public required ThreatModel ThreatModel { get; init; }

    /// <summary>What becomes known besides.</summary>
    public required IReadOnlyList<string> Leaks { get; init; }

    /// <summary>f.</summary>
    public required int FractionalBits { get; init; }

    /// <summary>SHA-256 of the plan.</summary>
    public required string PlanHash { get; init; }

    /// <summary>True if all parties ran on this machine.</summary>
    public required bool Local { get; init; }

    /// <summary>One an image.</summary>
    public required IReadOnlyList<EncryptedPrediction> Predictions { get; init; }

    /// <summary>The same images in floating point in the clear, one an image; null unless asked for.</summary>
    public required IReadOnlyList<PlainComparison>? Plain { get; init; }

    /// <summary>Cost of one prediction, of a batch of images.</summary>
    public required PredictionCost Cost { get; init; }

    /// <summary>Layers of the last prediction.</summary>
    public required IReadOnlyList<LayerRun> Layers { get; init; }

    /// <summary>Network between the parties.</summary>
    public required NetworkUse Network { get; init; }

    /// <summary>What was opened, and to whom.</summary>
    public required IReadOnlyList<string> Revealed { get; init; }

    /// <summary>What predictions by a plan gave; the comparison with the plain graph is left to whoever has the model.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="images">Names, in the order of the logits.</param>
    /// <param name="run">The predictions.</param>
    /// <param name="cost">Their cost.</param>
    /// <param name="network">Between the parties.</param>
    public static MpcPredictResult Of(MpcPlan plan, IReadOnlyList<string> images, BatchRun run, PredictionCost cost, NetworkUse network)
    {
        MpcProtocol protocol = MpcProtocols.Parse(plan.Protocol);
        return new MpcPredictResult
        {
            Protocol = plan.Protocol,
            Parties = protocol.Parties(),
            ThreatModel = protocol.ThreatModel(),
            Leaks = MpcText.Leaks(protocol),
            FractionalBits = plan.FractionalBits,
            PlanHash = plan.Hash,
            Local = network.Kind != "remote",
            Predictions = [.. images.Select((image, i) => EncryptedPrediction.Of(image, run.Logits[i], plan))],
            Plain = null,
            Cost = cost,
            Layers = run.Last.Layers,
            Network = network,
            Revealed = [protocol == MpcProtocol.Plain ? "everything: nothing is shared" : MpcText.Revealed(plan.Reveal)],
        };
    }
}

/// <summary>Prediction of one image.</summary>
/// <param name="File">As given.</param>
/// <param name="Predicted">Class of the largest logit.</param>
/// <param name="Logits">In the order of the classes; null if only the class was revealed.</param>
/// <param name="Probabilities">Softmax of the logits, most probable first, computed by the client; null if only the class was revealed.</param>
internal sealed record EncryptedPrediction(string File, string Predicted, IReadOnlyList<double>? Logits, IReadOnlyList<ClassProbability>? Probabilities)
{
    /// <summary>Reads what was revealed: the class, or logits, to which softmax is applied.</summary>
    /// <param name="file">Name of the image.</param>
    /// <param name="revealed">Logits in the order of the classes, or the number of the class alone.</param>
    /// <param name="plan">Says which, and the names.</param>
    /// <exception cref="ProtocolException">There is no class of that number.</exception>
    public static EncryptedPrediction Of(string file, double[] revealed, MpcPlan plan)
    {
        IReadOnlyList<string> classes = plan.Classes;
        if (plan.Reveal == RevealedResult.Class)
        {
            int number = (int)Math.Round(revealed[0]);
            return number >= 0 && number < classes.Count
                ? new EncryptedPrediction(file, classes[number], null, null)
                : throw new ProtocolException($"the parties gave the class {number} of {classes.Count}.", "One of them computed wrongly, or a value left its range: check with --compare-plain on images that may be seen.");
        }

        double[] exponentials = [.. revealed.Select(value => Math.Exp(value - revealed.Max()))];
        double sum = exponentials.Sum();
        return new EncryptedPrediction(file, classes[Largest(revealed)], revealed, [.. classes.Select((name, k) => new ClassProbability(name, exponentials[k] / sum)).OrderByDescending(one => one.Probability)]);
    }

    internal static int Largest(double[] values) => Array.IndexOf(values, values.Max());
}

/// <summary>The graph in floating point on the same image.</summary>
/// <param name="Predicted">Class of the largest logit.</param>
/// <param name="Logits">In the order of the classes.</param>
/// <param name="MaxAbsDifference">Largest difference of a logit to the encrypted prediction; null if only the class was revealed.</param>
/// <param name="SameTop1">True if both name the same class.</param>
internal sealed record PlainComparison(string Predicted, IReadOnlyList<double> Logits, double? MaxAbsDifference, bool SameTop1);

/// <summary>Cost of one prediction.</summary>
/// <param name="RoundsOnline">Longest chain of messages that waited for each other.</param>
/// <param name="RoundsOffline">Of what a party prepares ahead, waiting for nobody: 1 for <c>masked</c>, 0 for the others.</param>
/// <param name="BytesOnline">Bytes between the parties without what is prepared ahead, headers included.</param>
/// <param name="BytesOffline">Bytes of what is prepared ahead, headers included; in this version it is sent in the session itself.</param>
/// <param name="BytesPerParty">What each party sent.</param>
/// <param name="SecondsOnline">Median over the timed predictions.</param>
/// <param name="SecondsOffline">Sharing of the weights, once.</param>
/// <param name="SecondsTotal">The whole command.</param>
/// <param name="Iterations">Seconds of every timed prediction.</param>
internal sealed record PredictionCost(
    long RoundsOnline, long RoundsOffline, long BytesOnline, long BytesOffline, IReadOnlyList<long> BytesPerParty, double SecondsOnline, double SecondsOffline, double SecondsTotal, IReadOnlyList<double> Iterations);

/// <summary>Network between the parties.</summary>
/// <param name="Kind">loopback, simulated or remote.</param>
/// <param name="RttMs">Round-trip time of a simulated network; null otherwise.</param>
/// <param name="BitsPerSecond">Rate of a simulated network; null otherwise.</param>
internal sealed record NetworkUse(string Kind, double? RttMs, double? BitsPerSecond);
