using Pellicle.Core.Errors;

namespace Pellicle.Privacy.Clipping;

/// <summary>A unit's gradient norm is NaN or infinite, so its contribution cannot be bounded (exit code 4). Skipping it in silence would depend on private data.</summary>
/// <param name="layer">Path of the first layer where it happened.</param>
/// <param name="units">Number of such units in the physical batch.</param>
public sealed class NonFiniteGradientException(string layer, int units)
    : PrivacyRefusedException(
        $"layer '{layer}' has a gradient norm that is not finite for {units} unit(s). Expected finite norms.",
        "Lower the learning rate or check the input scale, or let such units contribute zero (--nonfinite zero), which is recorded.")
{
    /// <summary>Path of the first layer where it happened.</summary>
    public string Layer { get; } = layer;
}
