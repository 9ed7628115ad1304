using Pellicle.Mpc.Protocols;

namespace Pellicle.Mpc.Compiler;

/// <summary>What a plan is made for.</summary>
public sealed record PlanOptions
{
    /// <summary>Protocol.</summary>
    public MpcProtocol Protocol { get; init; } = MpcProtocol.Replicated3;

    /// <summary>f, 13 to 16.</summary>
    public int FractionalBits { get; init; } = MpcCompiler.MostFractionalBits;

    /// <summary>Images of one prediction, 1 to 1,024.</summary>
    public int Batch { get; init; } = 1;

    /// <summary>What the client learns; for <see cref="RevealedResult.Class"/> the network must end with <see cref="Network.WithArgMax"/>.</summary>
    public RevealedResult Reveal { get; init; }

    /// <summary>How one image is prepared; null: the values go in as they are.</summary>
    public InputContract? Input { get; init; }

    /// <summary>Elements that a layer works on at once where it may: bounds the memory of a party, and costs rounds.</summary>
    public int ChunkElements { get; init; } = int.MaxValue;

    /// <summary>Names in the order of the logits; null: class 0, class 1, …</summary>
    public IReadOnlyList<string>? Classes { get; init; }
}
