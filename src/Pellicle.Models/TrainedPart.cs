namespace Pellicle.Models;

/// <summary>Which part of a network is trained; the rest stays as it is.</summary>
public enum TrainedPart
{
    /// <summary>Everything.</summary>
    All,

    /// <summary>The last linear layer.</summary>
    Head,

    /// <summary>All biases and shifts, and the last linear layer ("BitFit", Ben Zaken et al. 2022; privately Bu et al. 2022).</summary>
    Bias,

    /// <summary>A low-rank pair beside every linear layer but the last, and the last linear layer (Hu et al. 2022).</summary>
    Lora,
}
