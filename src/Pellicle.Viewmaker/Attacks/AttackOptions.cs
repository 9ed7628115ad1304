using Pellicle.Core.Errors;

namespace Pellicle.Viewmaker.Attacks;

/// <summary>Which attackers run, and how hard they try.</summary>
public sealed record AttackOptions
{
    /// <summary>Names of attackers, in the order of reports.</summary>
    public static IReadOnlyList<string> Known { get; } = ["cnn_plain", "cnn_small", "resnet18_gn", "vit_micro", "vit_tiny", "fine-tuned", "frozen", "probe", "averaging", "restoration"];

    /// <summary>Attackers that need nothing but labelled images: networks of three kinds, trained from nothing.</summary>
    public static IReadOnlyList<string> FreshNetworks { get; } = ["cnn_plain", "resnet18_gn", "vit_micro"];

    /// <summary>Attackers to run.</summary>
    public IReadOnlyList<string> Attackers { get; init; } = ["cnn_plain", "resnet18_gn", "vit_micro", "fine-tuned", "frozen", "probe", "averaging", "restoration"];

    /// <summary>Fresh networks of each kind, each with another seed and another of three learning rates; at least 1.</summary>
    public int Seeds { get; init; } = 3;

    /// <summary>Most epochs of an attacker.</summary>
    public int Epochs { get; init; } = 20;

    /// <summary>Bootstrap replicates of the intervals.</summary>
    public int Replicates { get; init; } = 500;

    /// <summary>Seed of everything random.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Checks all values.</summary>
    /// <exception cref="UsageException">An attacker is unknown, or a number is out of range.</exception>
    public void Validate()
    {
        string[] unknown = [.. Attackers.Except(Known)];
        if (unknown.Length > 0 || Attackers.Count == 0)
        {
            throw new UsageException(Attackers.Count == 0 ? "no attacker is named." : $"'{unknown[0]}' is no known attacker. Expected some of {string.Join(", ", Known)}.", "Name some of them with --attackers.");
        }

        if (Attackers.All(name => name is "frozen" or "averaging"))
        {
            throw new UsageException("only attackers are named that never decide: a generator that fools one frozen network hides nothing, and averaging needs the generator.", "Name an attacker that is trained on obfuscated images as well, such as cnn_plain.");
        }

        if (Seeds < 1 || Epochs < 1 || Replicates < 0)
        {
            throw new UsageException($"seeds {Seeds}, epochs {Epochs} and bootstrap {Replicates} must be at least 1, 1 and 0.", "Correct them.");
        }
    }
}
