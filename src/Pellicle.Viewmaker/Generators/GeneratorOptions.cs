using Pellicle.Core.Errors;
using Pellicle.Training.Configuration;

namespace Pellicle.Viewmaker.Generators;

/// <summary>What a generator is and how far it may change an image. Saved beside its weights.</summary>
public sealed record GeneratorOptions
{
    /// <summary>Channels C of the images, 1 or 3.</summary>
    public int Channels { get; init; } = 3;

    /// <summary>What the network predicts.</summary>
    public GeneratorFamily Family { get; init; } = GeneratorFamily.Additive;

    /// <summary>Which rules of perturbation hold.</summary>
    public GeneratorMode Mode { get; init; } = GeneratorMode.Default;

    /// <summary>Channels of the three stages of the trunk.</summary>
    public IReadOnlyList<int> Widths { get; init; } = [32, 64, 128];

    /// <summary>Residual blocks n, 0 to 5. Only these are allocated.</summary>
    public int Blocks { get; init; } = 3;

    /// <summary>Activation between the stages.</summary>
    public GeneratorActivation Activation { get; init; } = GeneratorActivation.Relu;

    /// <summary>Budget, &gt; 0. Default mode: pixel-range units (0..1). Parity mode: units of the network's input (or of its DCT coefficients), as in the reference.</summary>
    public double Budget { get; init; } = 0.05;

    /// <summary>Norms that the budget bounds (default mode); each of them is kept.</summary>
    public IReadOnlyList<BudgetNorm> Norms { get; init; } = [BudgetNorm.MeanAbs];

    /// <summary>Parity mode: clips the result to [0, 1]. The default mode always clips.</summary>
    public bool Clamp { get; init; }

    /// <summary>The network sees and changes DCT coefficients instead of pixels.</summary>
    public bool FrequencyDomain { get; init; }

    /// <summary>Lowest and highest DCT order that may change (default mode), each at least 0; empty for all.</summary>
    public IReadOnlyList<int> BandLimits { get; init; } = [];

    /// <summary>Side at which the network works; the perturbation is scaled to the image. Null works at the image's own size.</summary>
    public int? DownsampleTo { get; init; }

    /// <summary>Bits of a sample of the released file, 8 or 16 (default mode): rounding is part of the perturbation. 0 rounds nothing.</summary>
    public int BitDepth { get; init; } = 8;

    /// <summary>Times that coordinates are erased, one after the other (default mode), 0 to 3; see <see cref="CoordinateErasure"/>.</summary>
    public int CoordinatePasses { get; init; }

    /// <summary>Side of the grid to which pictures are averaged before anything is erased (default mode), 4 or more; null keeps all details.</summary>
    public int? DetailGrid { get; init; }

    /// <summary>Deviation of the keyed noise that every sample gets after all erasures (default mode), pixel-range units, 0 to 0.5. Alone it did little against a network that restores originals.</summary>
    public double PixelNoise { get; init; }

    /// <summary>True if what is released is another picture, and not the original with something added: then nothing of the original may go past the generator.</summary>
    public bool ReplacesPictures => CoordinatePasses > 0 || DetailGrid is not null;

    /// <summary>Directions of picture space that are replaced by noise (default mode), 0 to 64; see <see cref="AttributeErasure"/>.</summary>
    public int ErasedDirections { get; init; }

    /// <summary>Deviation of the noise that takes the place of an erased direction, in deviations of that direction, 0 to 3.</summary>
    public double ErasureNoise { get; init; } = 1;

    /// <summary>Share of the budget that the networks before an erasure may use, above 0 to 1.</summary>
    public double LearnedShare { get; init; } = 0.25;

    /// <summary>Side of the coarse grid on which these directions are looked for, 4 to 32.</summary>
    public int ErasureGrid { get; init; } = 16;

    /// <summary>Largest displacement of the flow family as a share of the image height, &gt; 0.</summary>
    public double FlowReach { get; init; } = 0.01;

    /// <summary>Parity mode: mean that is taken from pixels before the network.</summary>
    public double InputMean { get; init; }

    /// <summary>Parity mode: deviation by which pixels are divided before the network, and which gives its budget a size in pixels.</summary>
    public double InputDeviation { get; init; } = 1;

    /// <summary>Checks all values.</summary>
    /// <exception cref="UsageException">Lists every value that is out of range.</exception>
    public void Validate()
    {
        var problems = new List<Problem>();
        Check(Channels is 1 or 3, "channels", $"{Channels} is neither 1 nor 3");
        Check(Blocks is >= 0 and <= 5, "blocks", $"{Blocks} is out of range; expected 0 to 5");
        Check(Widths is { Count: 3 } && Widths.All(w => w is >= 1 and <= 1024), "widths", "expected three widths of 1 to 1024 channels");
        Check(Budget > 0 && double.IsFinite(Budget), "budget", $"{Budget} is no finite value above 0");
        Check(Mode == GeneratorMode.Parity || Budget <= 1, "budget", $"{Budget} is above 1, the whole pixel range");
        Check(Norms.Count is 1 or 2 && Norms.Distinct().Count() == Norms.Count, "norm", "expected one norm, or two different ones");
        Check(BitDepth is 0 or 8 or 16, "bitDepth", $"{BitDepth} is none of 0, 8 and 16");
        Check(DownsampleTo is null or >= 8, "downsampleTo", $"{DownsampleTo} is below 8");
        Check(BandLimits.Count == 0 || (BandLimits.Count == 2 && BandLimits[0] >= 0 && BandLimits[1] >= BandLimits[0]), "bandLimits", "expected two orders, the first not above the second");
        Check(ErasedDirections is >= 0 and <= 64, "erasedDirections", $"{ErasedDirections} is out of range; expected 0 to 64");
        Check(CoordinatePasses is >= 0 and <= 3, "coordinatePasses", $"{CoordinatePasses} is out of range; expected 0 to 3");
        Check(CoordinatePasses == 0 || DownsampleTo is not null, "coordinatePasses", "coordinates are estimated at a side of their own, so downsampleTo must be given");
        Check(PixelNoise is >= 0 and <= 0.5, "pixelNoise", $"{PixelNoise} is out of range; expected 0 to 0.5");
        Check(DetailGrid is null or >= 4, "detailGrid", $"{DetailGrid} is below 4");
        Check(ErasureNoise is >= 0 and <= 3, "erasureNoise", $"{ErasureNoise} is out of range; expected 0 to 3");
        Check(LearnedShare is > 0 and <= 1, "learnedShare", $"{LearnedShare} is out of range; expected above 0 to 1");
        Check(ErasureGrid is >= 4 and <= 32, "erasureGrid", $"{ErasureGrid} is out of range; expected 4 to 32");
        Check(Mode == GeneratorMode.Default || (ErasedDirections == 0 && CoordinatePasses == 0 && DetailGrid is null && PixelNoise == 0), "mode", "the parity mode erases nothing and adds no noise (erasedDirections, coordinatePasses, detailGrid, pixelNoise)");
        Check(InputDeviation > 0, "inputDeviation", $"{InputDeviation} is not above 0");
        Check(FlowReach is > 0 and <= 0.5, "flowReach", $"{FlowReach} is out of range; expected above 0 to 0.5");
        Check(Mode == GeneratorMode.Default || Family == GeneratorFamily.Additive, "mode", "the flow family has no parity mode");
        if (problems.Count > 0)
        {
            throw new UsageException($"the generator's options have {problems.Count} problems; first: {problems[0].Where}: {problems[0].Message}.", "Correct them in the section 'obfuscate'.", problems);
        }

        void Check(bool isGood, string where, string message)
        {
            if (!isGood)
            {
                problems.Add(new Problem(where, message, ""));
            }
        }
    }
}
