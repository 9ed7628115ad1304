using Pellicle.Core.Random;
using Pellicle.Nn;
using Pellicle.Tensors;
using Pellicle.Training.Configuration;

namespace Pellicle.Viewmaker.Generators;

/// <summary>The network of Viewmaker (Tamkin et al. 2021, arXiv 2010.07432), as dp-viewmaker has it: a style-transfer trunk with fresh noise before every residual block.</summary>
/// <remarks>Names of weights are those of the reference. Only the blocks in use exist; with three of them the reference allocates 1,753,755 parameters and uses 1,120,131.
/// In default mode a small head adds a gain per channel and a smooth field: the low cosine orders of each channel go in, beside the deviations of the channels, the mean features of the trunk and noise,
/// and as many coefficients come out. Instance normalisation takes absolute colour, exposure and shading away from the trunk, and noise planes without correlation cannot make a smooth random field:
/// without the head the generator can neither read nor replace them.</remarks>
internal sealed class ViewmakerNetwork : PerturbationNetwork
{
    private const int ToneNoise = 16;
    private const int LowOrders = 4;
    private readonly GeneratorOptions _options;
    private readonly ReflectedConv[] _down, _up;
    private readonly InstanceNorm[] _downNorms, _upNorms;
    private readonly ResidualBlock[] _blocks;
    private readonly Linear? _toneIn, _toneOut;

    public ViewmakerNetwork(GeneratorOptions options, ISeededRandom init)
    {
        _options = options;
        int channels = options.Channels;
        (int w1, int w2, int w3) = (options.Widths[0], options.Widths[1], options.Widths[2]);
        ReflectedConv Conv(string name, int from, int to, int kernel, int stride) => Add(name, new ReflectedConv(from, to, kernel, stride, init.Derive(name)));
        InstanceNorm Norm(string name, int width) => Add(name, new InstanceNorm(width));
        _down = [Conv("conv1", channels + 1, w1, 9, 1), Conv("conv2", w1, w2, 3, 2), Conv("conv3", w2, w3, 3, 2)];
        _downNorms = [Norm("in1", w1), Norm("in2", w2), Norm("in3", w3)];
        _blocks = [.. Enumerable.Range(1, options.Blocks).Select(i => Add($"res{i}", new ResidualBlock(w3 + i, init.Derive($"res{i}"))))];
        _up = [Conv("deconv1", w3 + options.Blocks, w2, 3, 1), Conv("deconv2", w2, w1, 3, 1), Conv("deconv3", w1, channels, 9, 1)];
        _upNorms = [Norm("in4", w2), Norm("in5", w1)];
        if (options.Mode == GeneratorMode.Default)
        {
            StartNearIdentity(_up[2].Convolution.Weight, init.Derive("identity", 0));
            StartNearIdentity(_up[2].Convolution.Bias!, init.Derive("identity", 1));
            _toneIn = Add("tone.in", new Linear((((LowOrders * LowOrders) + 1) * channels) + w3 + ToneNoise, 96, init.Derive("tone.in")));
            _toneOut = Add("tone.out", new Linear(96, ((LowOrders * LowOrders) + 1) * channels, init.Derive("tone.out")));
            StartNearIdentity(_toneOut.Weight, init.Derive("identity", 2));
            StartNearIdentity(_toneOut.Bias!, init.Derive("identity", 3));
        }
    }

    /// <inheritdoc/>
    public override IReadOnlyList<(long Height, long Width)> NoiseSizes(long height, long width) =>
    [
        (height, width),
        .. Enumerable.Repeat((height / 4, width / 4), _options.Blocks),
        .. _toneIn is null ? [] : new[] { (1L, (long)ToneNoise) },
    ];

    /// <inheritdoc/>
    public override Tensor Run(Tensor images, IReadOnlyList<Tensor> noise, LayerCall call)
    {
        Tensor y = Tensor.Concatenate(1, images, noise[0]);
        for (int i = 0; i < _down.Length; i++)
        {
            y = Activate(call(_downNorms[i], call(_down[i], y)));
        }

        Tensor features = y.Mean([2, 3]);
        for (int i = 0; i < _blocks.Length; i++)
        {
            y = call(_blocks[i], Tensor.Concatenate(1, y, noise[1 + i]));
        }

        y = Activate(call(_upNorms[0], call(_up[0], ImageOperators.Twice(y))));
        y = Activate(call(_upNorms[1], call(_up[1], ImageOperators.Twice(y))));
        y = call(_up[2], y);
        return _toneIn is null ? y : y + Tone(images, features, noise[^1], call);
    }

    private Tensor Tone(Tensor images, Tensor features, Tensor noise, LayerCall call)
    {
        long batch = images.Size(0);
        int channels = _options.Channels;
        Tensor rows = Cosines(images.Size(2), images.Type), columns = Cosines(images.Size(3), images.Type);
        Tensor deviation = ((images - images.Mean([2, 3], keep: true)).Square().Mean([2, 3]) + 1e-6).Sqrt();
        // Means of the picture under each cosine; stretched, so that a difference of a few levels is seen at once.
        Tensor low = rows.MatMul(images).MatMul(columns.Transpose()) / (images.Size(2) * (double)images.Size(3));
        Tensor input = Tensor.Concatenate(1, low.Reshape(batch, -1) * 8, (deviation - 0.25) * 8, features, (noise.Reshape(batch, -1) - 0.5) * 3.5);
        Tensor tone = call(_toneOut!, call(_toneIn!, input).Relu());
        Tensor gain = tone.Narrow(1, 0, channels).Reshape(batch, channels, 1, 1);
        Tensor field = rows.Transpose().MatMul(tone.Narrow(1, channels, tone.Size(1) - channels).Reshape(batch, channels, LowOrders, LowOrders)).MatMul(columns);
        return (images * gain) + field;
    }

    /// <summary>cos(π(2i + 1)k / 2n) for the low orders k: [orders, n].</summary>
    private static Tensor Cosines(long n, DType type)
    {
        var values = new double[LowOrders * n];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = Math.Cos(Math.PI * ((2 * (i % n)) + 1) * (i / n) / (2.0 * n));
        }

        return Tensor.From<double>(values, LowOrders, n).To(type);
    }

    private Tensor Activate(Tensor tensor) => _options.Activation == GeneratorActivation.Relu ? tensor.Relu() : ImageOperators.LeakyRelu(tensor);

    private static void StartNearIdentity(Parameter parameter, ISeededRandom init)
    {
        foreach (ref float value in parameter.Value.Data<float>())
        {
            value = (float)(1e-4 * init.NextGaussian());
        }
    }
}
