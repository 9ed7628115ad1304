using Pellicle.Core.Random;
using Pellicle.Nn;
using Pellicle.Tensors;

namespace Pellicle.Viewmaker.Generators;

/// <summary>A small U-Net that predicts a field of displacements [B, 2, H, W] (after Packhäuser et al. 2023, "Deep learning-based anonymization of chest radiographs: a utility-preserving measure for patient privacy").</summary>
internal sealed class FlowNetwork : PerturbationNetwork
{
    private readonly ReflectedConv _in, _down1, _down2, _up1, _up2, _out;
    private readonly InstanceNorm[] _norms;

    public FlowNetwork(GeneratorOptions options, ISeededRandom init)
    {
        (int w1, int w2, int w3) = (options.Widths[0], options.Widths[1], options.Widths[2]);
        ReflectedConv Conv(string name, int from, int to, int stride) => Add(name, new ReflectedConv(from, to, 3, stride, init.Derive(name)));
        _in = Conv("flow.conv1", options.Channels + 1, w1, 1);
        _down1 = Conv("flow.conv2", w1, w2, 2);
        _down2 = Conv("flow.conv3", w2, w3, 2);
        _up1 = Conv("flow.deconv1", w3 + w2 + 1, w2, 1);
        _up2 = Conv("flow.deconv2", w2 + w1, w1, 1);
        _out = Conv("flow.deconv3", w1, 2, 1);
        _norms = [.. new[] { w1, w2, w3, w2, w1 }.Select((width, i) => Add($"flow.in{i + 1}", new InstanceNorm(width)))];
        foreach (ref float value in _out.Convolution.Weight.Value.Data<float>())
        {
            value *= 0.01f;
        }
    }

    /// <inheritdoc/>
    public override IReadOnlyList<(long Height, long Width)> NoiseSizes(long height, long width) => [(height, width), (height / 2, width / 2)];

    /// <inheritdoc/>
    public override Tensor Run(Tensor images, IReadOnlyList<Tensor> noise, LayerCall call)
    {
        Tensor fine = call(_norms[0], call(_in, Tensor.Concatenate(1, images, noise[0]))).Relu();
        Tensor half = call(_norms[1], call(_down1, fine)).Relu();
        Tensor coarse = call(_norms[2], call(_down2, half)).Relu();
        Tensor up = call(_norms[3], call(_up1, Tensor.Concatenate(1, ImageOperators.Twice(coarse), half, noise[1]))).Relu();
        up = call(_norms[4], call(_up2, Tensor.Concatenate(1, ImageOperators.Twice(up), fine))).Relu();
        return call(_out, up);
    }
}
