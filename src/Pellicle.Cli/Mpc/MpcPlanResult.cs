using Pellicle.Mpc.Compiler;
using Pellicle.Mpc.Core;

namespace Pellicle.Cli.Mpc;

/// <summary>Result of <c>mpc plan</c>; property names are the JSON fields.</summary>
internal sealed record MpcPlanResult
{
    /// <summary>The plan.</summary>
    public required string PlanFile { get; init; }

    /// <summary>SHA-256 of the plan.</summary>
    public required string PlanHash { get; init; }

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

    /// <summary>Images of one prediction.</summary>
    public required int Batch { get; init; }

    /// <summary>How an image is prepared.</summary>
    public required InputContract Input { get; init; }

    /// <summary>Names in the order of the logits.</summary>
    public required IReadOnlyList<string> Classes { get; init; }

    /// <summary>Layers with their declared cost.</summary>
    public required IReadOnlyList<LayerCost> Layers { get; init; }

    /// <summary>Rounds of one prediction.</summary>
    public required long Rounds { get; init; }

    /// <summary>Bytes of one prediction, all links, headers included.</summary>
    public required long Bytes { get; init; }

    /// <summary>Images the ranges come from, and how far fixed-point numbers deviate on them.</summary>
    public required CalibrationReport Calibration { get; init; }

    /// <summary>Time of one prediction on common networks.</summary>
    public required NetworkEstimate Estimate { get; init; }

    /// <summary>Values that local truncation spoils in a prediction on average, largest of the images that were tried; null: the protocol's truncation does not fail.</summary>
    public double? ExpectedSpoiledValues { get; init; }

    /// <summary>Folder with one kit a party; null: this command made the plan only.</summary>
    public string? Kits { get; init; }
}

/// <summary>One layer of a plan.</summary>
/// <param name="Name">Name.</param>
/// <param name="Operator">What it computes.</param>
/// <param name="Rounds">Rounds it adds.</param>
/// <param name="Bytes">Bytes of all links, headers included.</param>
/// <param name="SignWidth">Bits of its signs; null if it takes none.</param>
/// <param name="Approximation">Deviation from the exact function before rounding; null if exact.</param>
internal sealed record LayerCost(string Name, string Operator, long Rounds, long Bytes, int? SignWidth, string? Approximation);

/// <summary>Where the ranges of a plan come from.</summary>
/// <param name="Source">Data, or "synthetic".</param>
/// <param name="Images">How many.</param>
/// <param name="Margin">Factor kept free above the largest value seen.</param>
/// <param name="MaxAbsDeviation">Largest difference of a logit between fixed-point numbers and the graph in floating point, over the images that were tried.</param>
/// <param name="ImagesTried">How many of the images were run in fixed-point numbers.</param>
internal sealed record CalibrationReport(string Source, int Images, double Margin, double MaxAbsDeviation, int ImagesTried);

/// <summary>Estimated seconds of one prediction: computing, plus a half round trip a round, plus the busiest link direction at its rate.</summary>
/// <param name="ComputeSeconds">Computing of one party, from the time of a plain run on this machine: a product on shares has twice the depth.</param>
/// <param name="LanSeconds">0.2 ms, 1 Gbit/s.</param>
/// <param name="WanSeconds">40 ms, 100 Mbit/s.</param>
internal sealed record NetworkEstimate(double ComputeSeconds, double LanSeconds, double WanSeconds);
