using Pellicle.Data;
using Pellicle.NeuraCrypt.Encoders;

namespace Pellicle.NeuraCrypt.Tradeoff;

/// <summary>A comparison of ways to release images: data, sizes, strengths.</summary>
public sealed record TradeoffRequest
{
    /// <summary>Labelled pictures with the splits train and test.</summary>
    public required string Source { get; init; }

    /// <summary>How to read them.</summary>
    public required DatasetOptions Options { get; init; }

    /// <summary>Sizes of all ways; the depth is that of NeuraCrypt and the number of blocks of the trained obfuscator.</summary>
    public required EncoderArchitecture Architecture { get; init; }

    /// <summary>Local epsilons of the noise, one way each; empty leaves noise out.</summary>
    public IReadOnlyList<double> Epsilons { get; init; } = [10, 100, 1000, 10000];

    /// <summary>Delta of the noise.</summary>
    public double Delta { get; init; } = 1e-5;

    /// <summary>Steps of the trained obfuscator; one way each, 0 is the same network untrained.</summary>
    public IReadOnlyList<int> ObfuscatorSteps { get; init; } = [0, 300];

    /// <summary>Pictures of the training split that the task learns from, at most.</summary>
    public int TrainImages { get; init; } = 600;

    /// <summary>Pictures of the test split that the task is judged on, at most.</summary>
    public int TestImages { get; init; } = 400;

    /// <summary>Encodings attacked; pictures of the test split.</summary>
    public int AttackImages { get; init; } = 128;

    /// <summary>Steps of trained attacks.</summary>
    public int AttackSteps { get; init; } = 500;

    /// <summary>Threads.</summary>
    public int Threads { get; init; } = 2;

    /// <summary>Seed of initial values and of the choice of pictures; never of keys or noise.</summary>
    public ulong Seed { get; init; }
}
