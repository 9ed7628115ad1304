using Pellicle.Mpc.Compiler;
using Pellicle.Mpc.Core;
using Pellicle.Mpc.Protocols;

namespace Pellicle.Cli.Mpc;

/// <summary>What <c>mpc plan</c> is asked to do.</summary>
internal sealed record MpcPlanRequest
{
    /// <summary>An ONNX file, a run folder or a model folder.</summary>
    public required string Model { get; init; }

    /// <summary>Protocol.</summary>
    public MpcProtocol Protocol { get; init; } = MpcProtocol.Replicated3;

    /// <summary>f, 13 to 16.</summary>
    public required int FractionalBits { get; init; }

    /// <summary>Images of one prediction.</summary>
    public int Batch { get; init; } = 1;

    /// <summary>Elements that a layer works on at once where it may.</summary>
    public int ChunkElements { get; init; } = int.MaxValue;

    /// <summary>What the client learns.</summary>
    public RevealedResult Reveal { get; init; }

    /// <summary>Images for the ranges; null makes synthetic ones.</summary>
    public string? Calibration { get; init; }

    /// <summary>A plan file (.json), or a folder for the kits of all parties; null: <c>plan.json</c> in a folder <c>mpc</c> beside the model.</summary>
    public string? Out { get; init; }

    /// <summary>Certificates that parties made themselves.</summary>
    public IReadOnlyDictionary<PartyId, string> Certificates { get; init; } = new Dictionary<PartyId, string>();

    /// <summary>True to replace a plan that exists.</summary>
    public bool MayReplace { get; init; }

    /// <summary>Threads of numerical kernels.</summary>
    public required int Threads { get; init; }
}
