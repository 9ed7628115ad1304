using Pellicle.Core.Errors;

namespace Pellicle.NeuraCrypt.Encoders;

/// <summary>Everything public about a secret encoder: its family, sizes and preprocessing. The weights follow from a key.</summary>
/// <remarks>Yala et al. 2021, arXiv 2106.02484: "NeuraCrypt-(d+3)" has depth d; the paper's NeuraCrypt-7 is depth 4.
/// An encoder hides nothing by itself: see <see cref="HonestWording"/>.</remarks>
public sealed record EncoderArchitecture
{
    /// <summary>Convolutional, or the breakable linear control.</summary>
    public EncoderKind Kind { get; init; } = EncoderKind.Conv;

    /// <summary>d: number of 1×1 convolutions, 0 to 64; −1 exactly for the linear kind.</summary>
    public int Depth { get; init; } = 4;

    /// <summary>k: side of a patch in pixels, kernel and stride of the first convolution.</summary>
    public int PatchSize { get; init; } = 16;

    /// <summary>C: 1 for grey, 3 for colour.</summary>
    public int Channels { get; init; } = 1;

    /// <summary>Numbers that leave the encoder for each patch.</summary>
    public int HiddenDim { get; init; } = 2048;

    /// <summary>w: the layers inside are w times as wide; 1 in releases, more for attackers.</summary>
    public int WidthFactor { get; init; } = 1;

    /// <summary>Side of the square input in pixels, a multiple of <see cref="PatchSize"/>.</summary>
    public int ImageSize { get; init; } = 256;

    /// <summary>Where means and variances of the norms come from.</summary>
    public EncoderNormalisation Normalisation { get; init; } = EncoderNormalisation.Frozen;

    /// <summary>Subtracted from the 8-bit value 0..255 (not divided by 255), the same for all channels.</summary>
    public double Mean { get; init; } = 43.9;

    /// <summary>Divides after that, above 0.</summary>
    public double Std { get; init; } = 63.2;

    /// <summary>P: patches of an image.</summary>
    public int Patches => (ImageSize / PatchSize) * (ImageSize / PatchSize);

    /// <summary>Width of the inner layers: hiddenDim · w, or hiddenDim for the linear kind.</summary>
    public int Width => Kind == EncoderKind.Linear ? HiddenDim : HiddenDim * WidthFactor;

    /// <summary>Numbers of one patch: C · k².</summary>
    public int PatchValues => Channels * PatchSize * PatchSize;

    /// <summary>The tensors of the encoder under the names of the reference's state dictionary, in the order of the network.</summary>
    public IReadOnlyList<EncoderTensor> Tensors()
    {
        var tensors = new List<EncoderTensor>
        {
            new("image_encoder.0.weight", [Width, Channels, PatchSize, PatchSize], EncoderDistribution.Uniform, PatchValues),
            new("image_encoder.0.bias", [Width], EncoderDistribution.Uniform, PatchValues),
        };
        if (Kind == EncoderKind.Linear)
        {
            return tensors;
        }

        for (int i = 0; i < Depth; i++)
        {
            tensors.Add(new(ConvolutionName(i, "weight"), [Width, Width, 1, 1], EncoderDistribution.Uniform, Width));
            tensors.Add(new(ConvolutionName(i, "bias"), [Width], EncoderDistribution.Uniform, Width));
            tensors.Add(new(NormName(i, "weight"), [Width], EncoderDistribution.One, 0));
            tensors.Add(new(NormName(i, "bias"), [Width], EncoderDistribution.Zero, 0));
        }

        tensors.Add(new("pos_embedding", [1, Patches, Width], EncoderDistribution.Normal, 0));
        tensors.Add(new("mixer.1.weight", [HiddenDim, Width], EncoderDistribution.Uniform, Width));
        tensors.Add(new("mixer.1.bias", [HiddenDim], EncoderDistribution.Uniform, Width));
        return tensors;
    }

    /// <summary>Checks all fields together.</summary>
    /// <exception cref="UsageException">A size is out of range or two do not fit; names each.</exception>
    public void Validate()
    {
        var problems = new List<Problem>();
        void Require(bool holds, string option, string message, string hint)
        {
            if (!holds)
            {
                problems.Add(new Problem(option, $"{option} is {message}", hint));
            }
        }

        Require(Kind == EncoderKind.Linear || Depth is >= 0 and <= 64, "--depth", $"{Depth}; expected 0 to 64 for the convolutional encoder (NeuraCrypt-(d+3)).", "For the linear control give --kind linear; it never becomes the depth-0 network silently.");
        Require(Kind == EncoderKind.Conv || Depth == -1, "--depth", $"{Depth} with --kind linear; the linear encoder has no layers to count.", "Leave --depth out with --kind linear.");
        Require(PatchSize is >= 1 and <= 256, "--patch-size", $"{PatchSize}; expected 1 to 256.", "The reference uses 16.");
        Require(Channels is 1 or 3, "--channels", $"{Channels}; expected 1 or 3.", "Use 1 for grey pictures.");
        Require(HiddenDim is >= 1 and <= 16384, "--hidden", $"{HiddenDim}; expected 1 to 16384.", "The reference uses 2048.");
        Require(WidthFactor is >= 1 and <= 8, "--width", $"{WidthFactor}; expected 1 to 8.", "Releases use 1.");
        Require(ImageSize >= PatchSize && ImageSize <= 4096 && PatchSize > 0 && ImageSize % Math.Max(1, PatchSize) == 0, "--image-size", $"{ImageSize}; expected a multiple of the patch size {PatchSize}, up to 4096.", "The reference uses 256 with patches of 16.");
        Require(double.IsFinite(Mean) && double.IsFinite(Std) && Std > 0, "--mean", $"{Mean} with --std {Std}; expected finite values and a positive deviation.", "The reference uses 43.9 and 63.2 on the scale 0..255.");
        if (problems.Count > 0)
        {
            throw new UsageException(problems[0].Message, problems[0].Hint, problems);
        }
    }

    /// <summary>Name of a tensor of the i-th 1×1 convolution, counted from 0.</summary>
    internal static string ConvolutionName(int i, string part) => $"image_encoder.{2 + (3 * i)}.{part}";

    /// <summary>Name of a tensor of the norm behind it.</summary>
    internal static string NormName(int i, string part) => $"image_encoder.{3 + (3 * i)}.{part}";
}
