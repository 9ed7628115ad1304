using Pellicle.Core.Errors;
using Pellicle.Training.Configuration;
using Pellicle.Viewmaker.Generators;
using Pellicle.Viewmaker.Readers;

namespace Pellicle.Viewmaker.Training;

/// <summary>From the section <c>obfuscate</c> to a generator, and what the reference's systems fix.</summary>
internal static class GeneratorSettings
{
    /// <summary>The settings with what the chosen system prescribes put in.</summary>
    /// <remarks>Retina: weight 1, budget 0.7, 3 blocks. X-ray: weight 1.5, budget 8, 5 blocks. Both: parity mode, one ResNet-18, one attacker step a round, no replacement, Adam 5e-4, batch 16.</remarks>
    public static ObfuscateSection Effective(ObfuscateSection settings) => settings.System switch
    {
        ObfuscationSystem.Retina => Reference(settings) with { LambdaPrivacy = 1, Budget = 0.7, Blocks = 3 },
        ObfuscationSystem.Xray => Reference(settings) with { LambdaPrivacy = 1.5, Budget = 8, Blocks = 5 },
        ObfuscationSystem.Simclr => settings with { AttackersPerRound = 1, Ensemble = [settings.Ensemble.Count > 0 ? settings.Ensemble[0] : "resnet18_gn"], ReplaceEvery = 0, LambdaPrivacy = 1, CoordinatePasses = 0, Coarsenings = [1], ErasedDirections = 0, PixelNoise = 0 },
        _ => settings,
    };

    /// <summary>The generator's options.</summary>
    /// <param name="settings">Effective settings.</param>
    /// <param name="channels">Channels of the images.</param>
    /// <param name="side">Image size of training.</param>
    public static GeneratorOptions Options(ObfuscateSection settings, int channels, int side)
    {
        bool isParity = settings.Mode == GeneratorMode.Parity;
        return new GeneratorOptions
        {
            Channels = channels,
            Family = settings.Family,
            Mode = settings.Mode,
            Widths = [.. settings.Widths],
            Blocks = settings.Blocks,
            Activation = settings.Activation,
            Budget = settings.Budget,
            Norms = [.. settings.Norm],
            Clamp = settings.Clamp,
            FrequencyDomain = settings.FrequencyDomain,
            BandLimits = [.. settings.BandLimits],
            DownsampleTo = settings.DownsampleTo ?? side, // files of other sizes are read at the size of training
            BitDepth = settings.BitDepth,
            CoordinatePasses = isParity ? 0 : settings.CoordinatePasses,
            PixelNoise = isParity ? 0 : settings.PixelNoise,
            ErasedDirections = isParity ? 0 : settings.ErasedDirections,
            ErasureNoise = settings.ErasureNoise,
            LearnedShare = settings.LearnedShare,
            ErasureGrid = Math.Min(settings.ErasureGrid, side),
            InputMean = isParity ? 0.5 : 0,
            InputDeviation = isParity ? DeviationOf(settings.System) : 1,
        };
    }

    /// <summary>Checks what the readers of settings cannot.</summary>
    /// <exception cref="UsageException">Names the first thing that is wrong.</exception>
    public static void Check(ObfuscateSection settings, int channels, int side)
    {
        Options(settings, channels, side).Validate();
        if (settings.Coarsenings.Count == 0 || settings.Spreads.Count == 0)
        {
            throw new UsageException("a list of candidates is empty.", "Give --coarsenings 1 to keep all details, --spreads 0 for no noise in all coordinates.");
        }

        if (settings.Ensemble.Count is < 1 or > 8)
        {
            throw new UsageException($"the ensemble has {settings.Ensemble.Count} attackers; expected 1 to 8.", $"Name some of {string.Join(", ", ReaderCatalog.Names)} with --ensemble.");
        }

        foreach (string name in settings.Ensemble.Where(name => !ReaderCatalog.Names.Contains(name)))
        {
            throw new UsageException($"'{name}' is no known attacker.", $"Name some of {string.Join(", ", ReaderCatalog.Names)} with --ensemble.");
        }
    }

    // 0.7 in the retina system is about 0.12 of the pixel range, 8 in the X-ray system 0.28 (its deviation is the spread of per-image means).
    private static double DeviationOf(ObfuscationSystem system) => system switch
    {
        ObfuscationSystem.Retina => 0.12 / 0.7,
        ObfuscationSystem.Xray => 0.0349,
        _ => 1,
    };

    private static ObfuscateSection Reference(ObfuscateSection settings) => settings with
    {
        Mode = GeneratorMode.Parity, Family = GeneratorFamily.Additive, Clamp = false, Ensemble = ["resnet18_gn"], AttackersPerRound = 1, ReplaceEvery = 0, LearningRate = 5e-4, Batch = 16,
    };
}
