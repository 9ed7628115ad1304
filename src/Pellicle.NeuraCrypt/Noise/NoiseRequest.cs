using Pellicle.Core.Errors;
using Pellicle.NeuraCrypt.Encoders;
using Pellicle.NeuraCrypt.Release;

namespace Pellicle.NeuraCrypt.Noise;

/// <summary>Noise of a release: local differential privacy of each encoding by the Gaussian mechanism.</summary>
/// <param name="Epsilon">Of one image, released once; above 0.</param>
/// <param name="Delta">In (0, 1).</param>
/// <param name="Clip">Bound of the L2 norm of an encoding, above 0. A public constant: one measured on the pictures would tell about them.</param>
public sealed record NoiseRequest(double Epsilon, double Delta, double Clip)
{
    /// <summary>The mechanism for the encodings of a release.</summary>
    /// <param name="architecture">Of the key.</param>
    /// <param name="type">Number format of the release.</param>
    /// <param name="padCount">Multiple that mixtures fill up to; 0 for none.</param>
    /// <exception cref="UsageException">An encoding would depend on more than its own image, or its image would be used more than once: the bound would not hold.</exception>
    internal ImageGaussianMechanism MechanismFor(EncoderArchitecture architecture, EncodingType type, int padCount)
    {
        (string What, string Instead)? fault =
            architecture is { Kind: EncoderKind.Conv, Depth: > 0 } && architecture.Normalisation != EncoderNormalisation.None
                ? ($"the key normalises by statistics of many images (--norm {architecture.Normalisation.ToString().ToLowerInvariant()}), so that each encoding depends on all of them", "Make a key with --norm none, or of --depth 0.")
            : type is EncodingType.Int8 or EncodingType.F16
                ? ($"--dtype is {type.ToString().ToLowerInvariant()}, whose range does not fit: a scale would be measured on the pictures, and half precision can overflow", "Use f32 or bf16.")
            : padCount > 0
                ? ("--pad-count releases mixtures of two pictures, so that a picture is used twice", "Leave it out.")
            : null;
        return fault is { } f
            ? throw new UsageException($"--noise-epsilon cannot be met: {f.What}.", f.Instead)
            : new ImageGaussianMechanism(Epsilon, Delta, Clip, architecture.Patches * architecture.HiddenDim);
    }
}
