using Pellicle.Core.Errors;
using Pellicle.Core.Random;
using Pellicle.Formats.Onnx;
using Pellicle.Nn;
using Pellicle.Nn.Init;
using Pellicle.Tensors;

namespace Pellicle.Models;

/// <summary>A linear layer on texture statistics: of wavelets and of convolutions that are random or come from public weights, brought to one scale by public images.</summary>
/// <remarks>
/// For few images and little budget: a private linear model on good fixed features beats private deep networks there (Tramèr and Boneh 2021).
/// Only the linear layer is trained. Where and how a lesion lies matters less than what it looks like, so features are averages over
/// regions. The convolutions are those of cnn_small and take its weights (--weights); random ones are useful as well (Saxe et al. 2011).
/// </remarks>
internal sealed class TextureNetwork : FeatureNetwork, IPubliclyFitted
{
    /// <summary>J where the user names none.</summary>
    public const int DefaultScales = 3;

    // Far more than the directions that matter; the ridge of the whitening damps those that so few images cannot tell.
    private const int EnoughImages = 500;

    private readonly ScatteringTransform _scattering;
    private readonly ScatteringStatistics _wavelets;
    private readonly Sequential _convolutions;
    private readonly ChannelStatistics _channels;
    private readonly PublicWhitening _whitening;
    private readonly Linear _head;

    public TextureNetwork(ModelSpec spec, ISeededRandom init)
    {
        ScatteringTransform scattering = ScatterNetwork.Transform(spec);
        if (scattering.OutputSize < ScatteringStatistics.FewestPositions)
        {
            int scales = spec.ScatteringScales!.Value;
            scattering.Dispose();
            throw new UsageException(
                $"texture_linear with {scales} scales needs images of at least {ScatteringStatistics.FewestPositions << scales} pixels a side; they have {spec.ImageSize}.",
                "Raise --image-size, or lower --scattering-scales.");
        }

        _scattering = Add("scattering", scattering);
        _wavelets = Add("wavelets", new ScatteringStatistics(spec.ScatteringScales!.Value, spec.ScatteringAngles!.Value, scattering.OutputSize));
        _convolutions = Add("features", CnnSmall.Blocks(spec.Channels, init));
        _channels = Add("channels", new ChannelStatistics());
        int features = (spec.Channels * _wavelets.PerColour) + (3 * CnnSmall.Widths.Sum());
        _whitening = Add("whitening", new PublicWhitening(features));
        _head = Add("head", new Linear(Initialization.Constant(0, spec.Classes, features), Initialization.Constant(0, spec.Classes)));
        _convolutions.Freeze(string.Empty);
    }

    public override string Kind => "texture_linear";

    public override Layer Classifier => _head;

    public bool IsFitted => _whitening.IsFitted;

    public int FewestImages => EnoughImages;

    public override Tensor Features(Tensor images, ForwardContext context) => _whitening.Forward(Described(images, context), context);

    public void Fit(IEnumerable<Tensor> images)
    {
        using TensorScope scope = TensorScope.Open();
        using GradientMode off = GradientMode.Off();
        var described = new List<Tensor>();
        foreach (Tensor batch in images)
        {
            described.Add(DescribedAlone(batch));
            batch.Dispose();
        }

        _whitening.Fit(Tensor.Concatenate(0, [.. described]));
    }

    protected override Tensor ReferenceFeatures(Tensor images, ReferencePass pass)
    {
        List<Tensor> parts = [_wavelets.Reference(_scattering.Reference(images, pass), pass)];
        foreach (Layer layer in _convolutions.Children)
        {
            images = layer.Reference(images, pass);
            if (layer is Tanh)
            {
                parts.Add(_channels.Reference(images, pass));
            }
        }

        return _whitening.Reference(Tensor.Concatenate(1, [.. parts]), pass);
    }

    protected override OnnxSymbol ExportFeatures(OnnxGraphBuilder graph, OnnxSymbol images)
    {
        List<OnnxSymbol> parts = [_wavelets.Export(graph, _scattering.Export(graph, images))];
        foreach (Layer layer in _convolutions.Children)
        {
            images = layer.Export(graph, images);
            if (layer is Tanh)
            {
                parts.Add(_channels.Export(graph, images));
            }
        }

        OnnxSymbol all = graph.Add(Path, "Concat", [.. parts.Select(part => part.Name)], [parts.Sum(part => part.Shape[0])], ("axis", 1L));
        return _whitening.Export(graph, all);
    }

    // Frees the maps of a batch before the next comes.
    private Tensor DescribedAlone(Tensor images)
    {
        using TensorScope scope = TensorScope.Open();
        return scope.Keep(Described(images, ForwardContext.Evaluation()));
    }

    private Tensor Described(Tensor images, ForwardContext context)
    {
        List<Tensor> parts = [_wavelets.Forward(_scattering.Forward(images, context), context)];
        foreach (Layer layer in _convolutions.Children)
        {
            images = layer.Forward(images, context);
            if (layer is Tanh)
            {
                parts.Add(_channels.Forward(images, context));
            }
        }

        return Tensor.Concatenate(1, [.. parts]);
    }
}
