using Pellicle.Mpc.Compiler.Layers;
using Pellicle.Mpc.Core;

namespace Pellicle.Mpc.Benchmark;

/// <summary>A vision transformer (Dosovitskiy et al. 2021, with normalisation before each half of a block) with random weights.</summary>
/// <param name="builder">Takes the layers.</param>
/// <param name="width">D.</param>
/// <param name="heads">Heads of attention; divides D.</param>
/// <param name="ratio">Width of the perceptron over D.</param>
internal sealed class TransformerBuilder(NetworkBuilder builder, int width, int heads, int ratio)
{
    public void Build(int patch, int blocks, int classes)
    {
        builder.Convolution(width, patch, patch);
        int patches = builder.Shape.Height * builder.Shape.Width, tokens = patches + 1;
        Index("Transpose", IndexMap.Transposed(width, patches), (patches, 1, width));
        Index("Pad", new IndexMap(patches * width, 0, [new IndexAxis(tokens, width, 1, patches), new IndexAxis(width, 1)]), (tokens, 1, width));
        builder.Add(new ShiftLayer(builder.NameOf("position"), builder.Last, tokens * width) { Shift = builder.Weights(tokens * width, 100) }, builder.Shape);
        for (int i = 0; i < blocks; i++)
        {
            int before = builder.Last;
            Normalize(tokens);
            Attend(tokens);
            builder.AddTo(before);
            before = builder.Last;
            Normalize(tokens);
            OnTokens(tokens, width, ratio * width);
            builder.Add(new ActivationLayer(builder.NameOf("gelu"), builder.Last, ActivationKind.Gelu, tokens * ratio * width), builder.Shape);
            OnTokens(tokens, ratio * width, width);
            builder.AddTo(before);
        }

        Index("Gather", new IndexMap(tokens * width, 0, [new IndexAxis(width, 1)]), (1, 1, width));
        Normalize(1);
        builder.Dense(classes);
    }

    private void Attend(int tokens)
    {
        int each = width / heads;
        OnTokens(tokens, width, 3 * width);
        int packed = builder.Last;
        int query = Part(packed, tokens, 0, isTransposed: false), key = Part(packed, tokens, 1, isTransposed: true), value = Part(packed, tokens, 2, isTransposed: false);
        int scores = Product(query, key, new ProductMap(heads, tokens, each, tokens));
        var scale = new ConvolutionMap { Channels = 1, Height = 1, Width = heads * tokens * tokens, Batch = 1, OutputChannels = 1, Kernel = new(1, 1) };
        builder.Add(new LinearLayer(builder.NameOf("scale"), scores, scale, [(float)(1 / Math.Sqrt(each))], null), (heads, tokens, tokens));
        builder.Add(new SoftmaxLayer(builder.NameOf("softmax"), builder.Last, heads * tokens, tokens), (heads, tokens, tokens));
        Product(builder.Last, value, new ProductMap(heads, tokens, tokens, each));
        Index("Transpose", new IndexMap(heads * tokens * each, 0, [new IndexAxis(tokens, each), new IndexAxis(heads, tokens * each), new IndexAxis(each, 1)]), (tokens, 1, width));
        OnTokens(tokens, width, width);
    }

    // [tokens, 3, heads, each] to [heads, tokens, each], or [heads, each, tokens].
    private int Part(int packed, int tokens, int part, bool isTransposed)
    {
        int each = width / heads;
        IndexAxis head = new(heads, each), token = new(tokens, 3 * width), channel = new(each, 1);
        builder.From(packed, (tokens, 1, 3 * width));
        Index("Gather", new IndexMap(tokens * 3 * width, part * width, isTransposed ? [head, channel, token] : [head, token, channel]), (heads, tokens, each));
        return builder.Last;
    }

    private int Product(int left, int right, ProductMap map)
    {
        builder.Add(new ProductLayer(builder.NameOf("product"), left, right, map), (map.Groups, map.Rows, map.Columns));
        return builder.Last;
    }

    private void Normalize(int tokens) => builder.Add(
        new NormalizationLayer(builder.NameOf("norm"), builder.Last, new NormalizationMap(width, tokens, tokens, IsPerPosition: true), 1e-6, [.. Enumerable.Repeat(1f, width)], new float[width]),
        builder.Shape);

    private void OnTokens(int tokens, int from, int to)
    {
        builder.Add(new LinearLayer(builder.NameOf("linear"), builder.Last, new TokenMap(to, from, tokens), builder.Weights(to * from, 2 * from), new float[to]), (to, 1, tokens));
        Index("Transpose", IndexMap.Transposed(to, tokens), (tokens, 1, to));
    }

    private void Index(string operation, IndexMap map, (int Channels, int Height, int Width) shape) => builder.Add(new IndexLayer(builder.NameOf("index"), builder.Last, operation, map), shape);
}
