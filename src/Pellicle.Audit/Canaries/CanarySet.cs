using Pellicle.Core.Random;
using Pellicle.Training;

namespace Pellicle.Audit.Canaries;

/// <summary>Makes the canaries of a one-run audit and tosses their coins.</summary>
/// <remarks>Steinke, Nasr, Jagielski 2023, Algorithm 1. Content comes from a seed (it may be known to everyone); membership from fair secure coins, one bit each,
/// because the bound holds only if nothing but training knows them.</remarks>
public static class CanarySet
{
    /// <summary>Fewest canaries that can show anything: with 20, all guesses right excludes epsilon up to about 1.5.</summary>
    public const int Fewest = 20;

    /// <summary>Makes m canaries: mislabelled images as long as there are bases, random pixels for the rest.</summary>
    /// <param name="count">m, at least <see cref="Fewest"/>.</param>
    /// <param name="heldOut">Records outside the training split with their true labels; each is used at most once. Empty for random pixels only.</param>
    /// <param name="classes">K, at least 2.</param>
    /// <param name="shape">Number of values of an image as the model sees it and how a uniform value in [0, 1] becomes one.</param>
    /// <param name="content">Chooses records, labels and pixels.</param>
    /// <param name="coins">Tosses the coins.</param>
    public static IReadOnlyList<Canary> Make(int count, IReadOnlyList<(int Record, int Label)> heldOut, int classes, CanaryImageShape shape, ISeededRandom content, ISecureRandom coins)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, Fewest);
        ArgumentNullException.ThrowIfNull(heldOut);
        ArgumentOutOfRangeException.ThrowIfLessThan(classes, 2);
        ArgumentNullException.ThrowIfNull(shape);
        ArgumentNullException.ThrowIfNull(content);
        ArgumentNullException.ThrowIfNull(coins);

        (int Record, int Label)[] bases = [.. heldOut];
        content.Shuffle<(int, int)>(bases);
        bool[] tossed = FairCoins.Toss(count, coins);
        var canaries = new Canary[count];
        for (int i = 0; i < count; i++)
        {
            canaries[i] = i < bases.Length
                ? new Canary(CanaryKind.Mislabelled, new PlantedImage { Record = bases[i].Record, Label = WrongLabel(bases[i].Label, classes, content) }, tossed[i])
                : new Canary(CanaryKind.Noise, new PlantedImage { Pixels = shape.RandomPixels(content.Derive("canary-pixels", (ulong)i)), Label = content.NextInt(classes) }, tossed[i]);
        }

        return canaries;
    }

    private static int WrongLabel(int label, int classes, ISeededRandom random) => (label + 1 + random.NextInt(classes - 1)) % classes;
}
