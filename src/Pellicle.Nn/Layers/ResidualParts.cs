using Pellicle.Core.Random;
using Pellicle.Nn.Init;

namespace Pellicle.Nn;

/// <summary>The convolutions and normalisations a residual network is built of.</summary>
/// <param name="Convolution">Makes a convolution without bias that keeps the size at stride 1.</param>
/// <param name="Normalization">Makes the layer that follows it, from the number of channels.</param>
public sealed record ResidualParts(ResidualParts.ConvolutionOf Convolution, Func<int, Layer> Normalization)
{
    /// <summary>Makes a convolution.</summary>
    /// <param name="inputChannels">Channels in.</param>
    /// <param name="outputChannels">Channels out.</param>
    /// <param name="kernel">Odd side of the window.</param>
    /// <param name="stride">Step.</param>
    /// <param name="init">Source of initial values.</param>
    public delegate Layer ConvolutionOf(int inputChannels, int outputChannels, int kernel, int stride, ISeededRandom init);

    /// <summary>Batch normalisation, as in He et al. 2016.</summary>
    public static ResidualParts BatchNorm { get; } = new(BasicBlock.Convolution, channels => new BatchNorm2d(channels));

    /// <summary>Group normalisation (Wu and He 2018).</summary>
    /// <param name="groups">A divisor of all numbers of channels.</param>
    public static ResidualParts GroupNorm(int groups) => new(BasicBlock.Convolution, channels => new GroupNorm(groups, channels));

    /// <summary>Group normalisation after weight-standardised convolutions (Qiao et al. 2019).</summary>
    /// <param name="groups">A divisor of all numbers of channels.</param>
    public static ResidualParts StandardizedGroupNorm(int groups) => new(Standardized, channels => new GroupNorm(groups, channels));

    private static WeightStandardizedConv2d Standardized(int inputChannels, int outputChannels, int kernel, int stride, ISeededRandom init) =>
        new(
            new ConvolutionGeometry(kernel, kernel, stride, kernel / 2),
            Initialization.KaimingNormal(init, (long)outputChannels * kernel * kernel, outputChannels, inputChannels, kernel, kernel),
            null);
}
