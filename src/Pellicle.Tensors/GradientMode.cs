using Pellicle.Native;

namespace Pellicle.Tensors;

/// <summary>Switches the recording of derivatives on or off for this thread until disposed, also when an exception flies.</summary>
public readonly ref struct GradientMode
{
    private readonly int _former;

    private GradientMode(int mode) => _former = TorchNative.pel_gradient_mode(mode);

    /// <summary>Operations are recorded for differentiation.</summary>
    public static GradientMode Recording() => new(0);

    /// <summary>Nothing is recorded; also saves about a quarter of the cost of a call.</summary>
    public static GradientMode Off() => new(1);

    /// <summary>Restores the former mode.</summary>
    public void Dispose() => _ = TorchNative.pel_gradient_mode(_former);
}
