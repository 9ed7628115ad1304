using Pellicle.Mpc.Channels;
using Pellicle.Mpc.Compiler;
using Pellicle.Mpc.Protocols;

namespace Pellicle.Cli.Mpc;

/// <summary>What <c>mpc predict</c> is asked to do.</summary>
internal sealed record MpcPredictRequest
{
    /// <summary>An ONNX file, a run folder or a model folder.</summary>
    public required string Model { get; init; }

    /// <summary>Picture files and arrays.</summary>
    public required IReadOnlyList<string> Images { get; init; }

    /// <summary>Protocol.</summary>
    public MpcProtocol Protocol { get; init; } = MpcProtocol.Replicated3;

    /// <summary>f, 13 to 16.</summary>
    public required int FractionalBits { get; init; }

    /// <summary>Images of one prediction.</summary>
    public int Batch { get; init; } = 1;

    /// <summary>Elements that a layer works on at once where it may.</summary>
    public int ChunkElements { get; init; } = int.MaxValue;

    /// <summary>Timed runs of each prediction after a warm-up; null: one, without a warm-up.</summary>
    public int? Iterations { get; init; }

    /// <summary>What the client learns.</summary>
    public RevealedResult Reveal { get; init; }

    /// <summary>Images for the ranges; null makes synthetic ones.</summary>
    public string? Calibration { get; init; }

    /// <summary>True to run the graph in floating point beside.</summary>
    public bool ComparesPlain { get; init; }

    /// <summary>True starts three processes on this machine; false, three threads.</summary>
    public bool StartsProcesses { get; init; }

    /// <summary>Delay and rate between the parties, or null.</summary>
    public SimulatedNetwork? Network { get; init; }

    /// <summary>Threads of numerical kernels.</summary>
    public required int Threads { get; init; }
}
