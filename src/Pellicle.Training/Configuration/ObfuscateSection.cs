namespace Pellicle.Training.Configuration;

/// <summary>Section <c>obfuscate</c>: what is hidden, what must stay readable, and how the generator is trained.</summary>
public sealed record ObfuscateSection
{
    /// <summary>Columns to hide, such as <c>sex</c>; a column of numbers with the edges of its groups, such as <c>age:60</c> or <c>age:40:60</c>.</summary>
    public SettingList<string> Attributes { get; init; } = [];

    /// <summary>Column that must stay readable; null for the label of the data.</summary>
    public string? Task { get; init; }

    /// <summary>Training system; the others than the default set mode, objectives and schedule of the reference.</summary>
    public ObfuscationSystem System { get; init; } = ObfuscationSystem.Default;

    /// <summary>What the generator predicts.</summary>
    public GeneratorFamily Family { get; init; } = GeneratorFamily.Additive;

    /// <summary>Rules of perturbation.</summary>
    public GeneratorMode Mode { get; init; } = GeneratorMode.Default;

    /// <summary>Budget, &gt; 0, in pixel-range units (parity mode: units of the normalised input).</summary>
    public double Budget { get; init; } = 0.05;

    /// <summary>Norms that the budget bounds.</summary>
    public SettingList<BudgetNorm> Norm { get; init; } = [BudgetNorm.MeanAbs];

    /// <summary>Residual blocks, 0 to 5.</summary>
    public int Blocks { get; init; } = 3;

    /// <summary>Activation of the trunk.</summary>
    public GeneratorActivation Activation { get; init; } = GeneratorActivation.Relu;

    /// <summary>Channels of the three stages of the trunk.</summary>
    public SettingList<int> Widths { get; init; } = [32, 64, 128];

    /// <summary>Parity mode: clip to [0, 1]. The default mode always does.</summary>
    public bool Clamp { get; init; }

    /// <summary>The network works on DCT coefficients.</summary>
    public bool FrequencyDomain { get; init; }

    /// <summary>Lowest and highest DCT order that may change; empty for all.</summary>
    public SettingList<int> BandLimits { get; init; } = [];

    /// <summary>Side at which the network works; null for the image size of training.</summary>
    public int? DownsampleTo { get; init; }

    /// <summary>Bits of the released samples, 8 or 16.</summary>
    public int BitDepth { get; init; } = 8;

    /// <summary>Rounds of attacker steps and one generator step, at least 0.</summary>
    public int Rounds { get; init; } = 600;

    /// <summary>Attacker steps of a round, at least 1.</summary>
    public int AttackersPerRound { get; init; } = 3;

    /// <summary>Networks of the attackers that train along.</summary>
    public SettingList<string> Ensemble { get; init; } = ["cnn_plain", "resnet18_gn", "vit_micro"];

    /// <summary>Every so many rounds the oldest attacker is replaced by a fresh one; 0 never.</summary>
    public int ReplaceEvery { get; init; } = 200;

    /// <summary>Every so many rounds a fresh attacker judges the generator, and the state is saved.</summary>
    public int SelectionEvery { get; init; } = 100;

    /// <summary>Images of a step.</summary>
    public int Batch { get; init; } = 32;

    /// <summary>Learning rate of generator and attackers (Adam).</summary>
    public double LearningRate { get; init; } = 5e-4;

    /// <summary>Decay of the moving average of the generator that is judged and kept, in [0, 1).</summary>
    public double GeneratorEma { get; init; } = 0.98;

    /// <summary>Times that coordinates of pictures (places, lighting, thin structures) in which attributes show are replaced by noise, 0 to 3.</summary>
    public int CoordinatePasses { get; init; } = 2;

    /// <summary>Candidates for the noise in all coordinates, in units of the coordinates, each 0 to 3; fresh attackers choose.</summary>
    public SettingList<double> Spreads { get; init; } = [0, 0.5, 1];

    /// <summary>Candidates for the loss of details: pixels of training along an axis that become one, 1 to 16; 1 keeps all. Fresh attackers choose.</summary>
    public SettingList<int> Coarsenings { get; init; } = [1, 2, 4];

    /// <summary>Deviation of the keyed noise of every sample, after all erasures, 0 to 0.5 of the pixel range.</summary>
    public double PixelNoise { get; init; }

    /// <summary>Directions of picture space that are replaced by noise in closed form, 0 to 64.</summary>
    public int ErasedDirections { get; init; } = 8;

    /// <summary>Deviation of the noise that takes the place of an erased direction, in deviations of that direction, 0 to 3.</summary>
    public double ErasureNoise { get; init; } = 1;

    /// <summary>Share of the budget that the networks before an erasure may use, above 0 to 1.</summary>
    public double LearnedShare { get; init; } = 0.25;

    /// <summary>Side of the coarse grid on which these directions are looked for, 4 to 32.</summary>
    public int ErasureGrid { get; init; } = 16;

    /// <summary>Initial weight λ_u of the utility term; it moves with the measured utility.</summary>
    public double LambdaUtility { get; init; } = 1;

    /// <summary>Weight λ_p of the confusion term (w of the reference's systems).</summary>
    public double LambdaPrivacy { get; init; } = 2;

    /// <summary>Weight λ_m of the matching of the attribute classes' means under networks with random weights.</summary>
    public double LambdaMatching { get; init; } = 1;

    /// <summary>Weight λ_r of the fidelity term.</summary>
    public double LambdaFidelity { get; init; } = 0.1;

    /// <summary>Weight λ_d of the diversity term.</summary>
    public double LambdaDiversity { get; init; } = 1;

    /// <summary>Diversity beyond which nothing more is gained, pixel-range units.</summary>
    public double DiversityCap { get; init; } = 0.02;

    /// <summary>Largest accepted loss of task AUC on the validation patients.</summary>
    public double MaxUtilityLoss { get; init; } = 0.03;

    /// <summary>Epochs of the networks that are trained on originals before the game begins.</summary>
    public int ReaderEpochs { get; init; } = 20;
}
