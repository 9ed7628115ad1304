using Pellicle.Core.Random;
using Pellicle.Mpc.Compiler;
using Pellicle.Mpc.Compiler.Layers;
using Pellicle.Mpc.Core;

namespace Pellicle.Mpc.Benchmark;

/// <summary>Builds a network layer by layer with random weights of the variance that He et al. 2015 propose, which keeps values of every layer of about the same size.</summary>
/// <remarks>Batch normalisation counts as folded into the convolution before it.</remarks>
/// <param name="shape">Channels, rows, columns of the input.</param>
/// <param name="random">Draws the weights.</param>
public sealed class NetworkBuilder((int Channels, int Height, int Width) shape, ISeededRandom random)
{
    private readonly int _inputCount = shape.Channels * shape.Height * shape.Width;
    private readonly List<NetworkLayer> _layers = [];

    /// <summary>The layer added last; -1 before the first.</summary>
    public int Last { get; private set; } = -1;

    /// <summary>Channels, rows, columns of the result of <see cref="Last"/>.</summary>
    public (int Channels, int Height, int Width) Shape { get; private set; } = shape;

    /// <summary>Goes back to an earlier result: the next layer reads it.</summary>
    /// <param name="layer">Its place.</param>
    /// <param name="shapeThere">Its shape.</param>
    public NetworkBuilder From(int layer, (int Channels, int Height, int Width) shapeThere)
    {
        (Last, Shape) = (layer, shapeThere);
        return this;
    }

    /// <summary>A square convolution with bias.</summary>
    /// <param name="channels">Output channels.</param>
    /// <param name="side">Side of the window.</param>
    /// <param name="stride">Step.</param>
    /// <param name="padding">Zeros on all sides.</param>
    public NetworkBuilder Convolution(int channels, int side, int stride = 1, int padding = 0)
    {
        var map = new ConvolutionMap
        {
            Channels = Shape.Channels,
            Height = Shape.Height,
            Width = Shape.Width,
            Batch = 1,
            OutputChannels = channels,
            Kernel = new(side, side),
            Stride = new(stride, stride),
            Padding = new(padding, padding, padding, padding),
        };
        return Add(new LinearLayer(NameOf("conv"), Last, map, Weights(map.WeightCount, map.Depth), Biases(channels)), (channels, map.OutputHeight, map.OutputWidth));
    }

    /// <summary>A fully connected layer with bias on all elements.</summary>
    /// <param name="width">Outputs.</param>
    public NetworkBuilder Dense(int width)
    {
        var map = new DenseMap(width, Count, 1);
        return Add(new LinearLayer(NameOf("fc"), Last, map, Weights(map.WeightCount, map.Depth), Biases(width)), (width, 1, 1));
    }

    /// <summary>max(x, 0).</summary>
    public NetworkBuilder Relu() => Add(new ActivationLayer(NameOf("relu"), Last, ActivationKind.Relu, Count), Shape);

    /// <summary>Maxima or means over square windows.</summary>
    /// <param name="isMaximum">True for maxima.</param>
    /// <param name="side">Side of the window.</param>
    /// <param name="stride">Step.</param>
    /// <param name="padding">Elements on all sides that windows may reach beyond the picture.</param>
    public NetworkBuilder Pool(bool isMaximum, int side, int stride, int padding = 0)
    {
        int rows = ((Shape.Height + (2 * padding) - side) / stride) + 1, columns = ((Shape.Width + (2 * padding) - side) / stride) + 1;
        PoolMap map = PoolMap.Square(Shape.Channels, Shape.Height, Shape.Width, side, stride) with { Before = new(padding, padding), Output = new(rows, columns) };
        return Add(new PoolLayer(NameOf("pool"), Last, isMaximum, map), (Shape.Channels, rows, columns));
    }

    /// <summary>Means over the whole picture.</summary>
    public NetworkBuilder GlobalAverage() => Add(new PoolLayer(NameOf("mean"), Last, false, PoolMap.Whole(Shape.Channels, Shape.Height, Shape.Width)), (Shape.Channels, 1, 1));

    /// <summary>The sum with an earlier result of the same shape.</summary>
    /// <param name="layer">Its place.</param>
    public NetworkBuilder AddTo(int layer) => Add(new AddLayer(NameOf("add"), layer, Last, Count), Shape);

    /// <summary>Appends a layer.</summary>
    /// <param name="layer">It reads <see cref="Last"/>.</param>
    /// <param name="shapeAfter">Shape of its result.</param>
    public NetworkBuilder Add(NetworkLayer layer, (int Channels, int Height, int Width) shapeAfter)
    {
        _layers.Add(layer);
        return From(_layers.Count - 1, shapeAfter);
    }

    /// <summary>Random weights.</summary>
    /// <param name="count">How many.</param>
    /// <param name="fanIn">Length of an inner product.</param>
    public float[] Weights(int count, int fanIn)
    {
        double deviation = Math.Sqrt(2.0 / fanIn);
        var weights = new float[count];
        for (int i = 0; i < count; i++)
        {
            weights[i] = (float)(deviation * random.NextGaussian());
        }

        return weights;
    }

    /// <summary>A name that no other layer has.</summary>
    /// <param name="kind">First part of it.</param>
    public string NameOf(string kind) => $"{kind}{_layers.Count + 1}";

    /// <summary>The network.</summary>
    public Network Build() => PoolFolding.Fold(new Network(_inputCount, _layers));

    private int Count => Shape.Channels * Shape.Height * Shape.Width;

    private float[] Biases(int count) => [.. Enumerable.Range(0, count).Select(_ => (float)(0.01 * random.NextGaussian()))];
}
