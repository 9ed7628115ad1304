using Pellicle.Cli.Output;
using Pellicle.Mpc.Compiler;
using Pellicle.Mpc.Party;
using Pellicle.Mpc.Protocols;
using Pellicle.Training.Evaluation;

namespace Pellicle.Cli.Mpc;

/// <summary>Plans and encrypted predictions for people.</summary>
internal static class MpcText
{
    private const int ListedProbabilities = 5;

    /// <summary>What becomes known to all who take part, besides what the protocol opens.</summary>
    /// <param name="protocol">The protocol.</param>
    public static IReadOnlyList<string> Leaks(MpcProtocol protocol) => protocol == MpcProtocol.Plain ? ["everything: 'plain' protects nothing"] :
    [
        "layer types and shapes",
        "sign width and scale of each layer, hence rough value ranges of the calibration images (not covered by a model's epsilon)",
        "protocol and batch size",
        "number, time and duration of requests, and who asks",
    ];

    /// <summary>What is opened, and to whom.</summary>
    /// <param name="reveal">Of the plan.</param>
    public static string Revealed(RevealedResult reveal) => reveal == RevealedResult.Class ? "class to client" : "logits to client";

    public static void Write(TextWriter writer, MpcPlanResult result)
    {
        ArgumentNullException.ThrowIfNull(result);
        var table = new TextTable("layer", "operator", ">rounds", ">bytes", ">sign bits", "approximation");
        foreach (LayerCost layer in result.Layers)
        {
            table.Add(layer.Name, layer.Operator, $"{layer.Rounds}", Bytes(layer.Bytes), layer.SignWidth is { } width ? $"{width}" : "", layer.Approximation ?? "");
        }

        table.WriteTo(writer);
        writer.WriteLine($"{result.Rounds} rounds, {Bytes(result.Bytes)} of all parties for {(result.Batch == 1 ? "one image" : $"{result.Batch} images")}; {result.Protocol}, {result.FractionalBits} fractional bits");
        writer.WriteLine($"estimate: {Seconds(result.Estimate.LanSeconds)} on a local network (0.2 ms, 1 Gbit/s), {Seconds(result.Estimate.WanSeconds)} on a wide one (40 ms, 100 Mbit/s), of which computing {Seconds(result.Estimate.ComputeSeconds)} on this machine");
        writer.WriteLine($"ranges: {result.Calibration.Images} images ({result.Calibration.Source}), margin {ReadableNumber.Of(result.Calibration.Margin)}; fixed-point logits deviate by at most {ReadableNumber.Of(result.Calibration.MaxAbsDeviation)} on {result.Calibration.ImagesTried} of them");
        if (result.ExpectedSpoiledValues is { } spoiled)
        {
            writer.WriteLine($"truncation: each value is spoiled with a probability of its size before rounding / 2^64; {ReadableNumber.Of(spoiled)} values in a prediction on average");
        }

        writer.WriteLine($"wrote {(result.Kits is null ? result.PlanFile : $"kits to {result.Kits}: party0, party1, party2 (start.txt has the command), client, owner")}; hash {result.PlanHash}");
        WriteTrust(writer, result.ThreatModel.Text, result.Leaks);
    }

    public static void Write(TextWriter writer, MpcPredictResult result)
    {
        ArgumentNullException.ThrowIfNull(result);
        for (int i = 0; i < result.Predictions.Count; i++)
        {
            EncryptedPrediction image = result.Predictions[i];
            writer.WriteLine($"{image.File}: {image.Predicted}");
            foreach (ClassProbability one in image.Probabilities?.Take(ListedProbabilities) ?? [])
            {
                writer.WriteLine($"  {ReadableNumber.Fixed(one.Probability, 4)}  {one.Class}");
            }

            if (result.Plain?[i] is { } plain)
            {
                writer.WriteLine($"  in the clear: {plain.Predicted}{(plain.MaxAbsDifference is { } difference ? $"; logits differ by at most {ReadableNumber.Of(difference)}" : "")}");
            }
        }

        PredictionCost cost = result.Cost;
        writer.WriteLine($"one prediction: {Seconds(cost.SecondsOnline)} (median of {cost.Iterations.Count}), {cost.RoundsOnline} rounds, {Bytes(cost.BytesOnline)} between the parties{(cost.BytesOffline > 0 ? $", {Bytes(cost.BytesOffline)} prepared ahead by party 2" : "")} ({result.Network.Kind}); {result.Protocol}, {result.Parties} {(result.Parties == 1 ? "process without protection" : "parties")}");
        WriteSlowest(writer, result.Layers);
        writer.WriteLine($"revealed: {string.Join(", ", result.Revealed)}; plan {result.PlanHash}");
        if (result.Local && result.Parties > 1)
        {
            writer.WriteLine("All parties ran on this machine, for a trial: its owner sees everything.");
        }

        WriteTrust(writer, result.ThreatModel.Text, result.Leaks);
    }

    private static void WriteSlowest(TextWriter writer, IReadOnlyList<LayerRun> layers)
    {
        const int Listed = 5;
        var table = new TextTable("slowest layers", "operator", ">seconds", ">rounds", ">bytes");
        foreach (LayerRun layer in layers.OrderByDescending(layer => layer.Seconds).Take(Listed))
        {
            table.Add(layer.Name, layer.Operator, ReadableNumber.Fixed(layer.Seconds, 4), $"{layer.Rounds}", Bytes(layer.Bytes));
        }

        table.WriteTo(writer);
    }

    private static void WriteTrust(TextWriter writer, string threatModel, IReadOnlyList<string> leaks)
    {
        writer.WriteLine(threatModel);
        writer.WriteLine($"Becomes known: {string.Join("; ", leaks)}.");
    }

    private static string Bytes(long bytes) => bytes < 100_000 ? $"{bytes} B" : $"{ReadableNumber.Fixed(bytes / 1e6, 2)} MB";

    private static string Seconds(double seconds) => $"{ReadableNumber.Fixed(seconds, 3)} s";
}
