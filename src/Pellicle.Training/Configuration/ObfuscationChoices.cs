namespace Pellicle.Training.Configuration;

/// <summary>What a generator of obfuscated images predicts.</summary>
public enum GeneratorFamily
{
    /// <summary>An image to add (Tamkin et al. 2021).</summary>
    Additive,

    /// <summary>A field of displacements (after Packhäuser et al. 2023).</summary>
    Flow,

    /// <summary>The flow first, then the additive network on its result.</summary>
    Chain,
}

/// <summary>Which rules of perturbation hold.</summary>
public enum GeneratorMode
{
    /// <summary>Budget ball in pixel units, clamp and rounding inside the training loop.</summary>
    Default,

    /// <summary>As dp-viewmaker at commit 6a6b133 computes it.</summary>
    Parity,
}

/// <summary>Activation between the stages of the generator's trunk; inside residual blocks it is always ReLU.</summary>
public enum GeneratorActivation
{
    /// <summary>max(x, 0).</summary>
    Relu,

    /// <summary>max(x, 0.01·x).</summary>
    LeakyRelu,
}

/// <summary>A size of a perturbation δ [C, H, W], in pixel-range units whatever the number of pixels.</summary>
public enum BudgetNorm
{
    /// <summary>Mean of |δ|.</summary>
    MeanAbs,

    /// <summary>Root of the mean of δ².</summary>
    L2,

    /// <summary>Largest |δ|.</summary>
    Linf,
}

/// <summary>How generator and attackers are trained against each other.</summary>
public enum ObfuscationSystem
{
    /// <summary>Ensemble of attackers with fresh replacements, confusion target, utility constraint, selection by a fresh attacker.</summary>
    Default,

    /// <summary>dp-viewmaker's system for fundus photographs, for comparison: focal losses, one attacker, steps in turn.</summary>
    Retina,

    /// <summary>dp-viewmaker's system for chest X-rays, for comparison: it has no utility term.</summary>
    Xray,

    /// <summary>Viewmaker's own objective (Tamkin et al. 2021): views that a SimCLR encoder finds hard; knows no attribute.</summary>
    Simclr,
}
