using Pellicle.Formats.Onnx;
using Pellicle.Tensors;

namespace Pellicle.Nn;

/// <summary>Normalises scattering maps within one image, band by band: [N, C·F, M, M] to the same shape. No parameters; images do not mix.</summary>
/// <remarks>
/// A band is what all L directions of one last wavelet give: the L maps of a scale, or those that share their first wavelet; the low pass is a
/// band of its own. Every band of every colour gets mean 0 and deviation 1 over maps and positions, so that fine scales, whose maps are
/// small, count as much as coarse ones. Statistics of single images need no privacy budget; those of a data set would (Tramèr
/// and Boneh 2021 compare both).
/// </remarks>
public sealed class ScatteringNormalization : Layer
{
    // Far below the variance of any visible texture, and far above that of rounding.
    private const double Smallest = 1e-8;

    private readonly int _maps;
    private readonly int _bandMaps;
    private readonly int _bands;
    private readonly double _scale;

    /// <summary>Makes the layer.</summary>
    /// <param name="maps">F, maps of one colour: 1 plus a multiple of L.</param>
    /// <param name="angles">L.</param>
    /// <param name="scale">Factor on the result; 1/√(C·F·M²) gives every image a vector of norm 1.</param>
    /// <exception cref="ArgumentException">The maps are no bands of L maps.</exception>
    public ScatteringNormalization(int maps, int angles, double scale = 1)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(angles, 1);
        if (maps <= angles || (maps - 1) % angles != 0)
        {
            throw new ArgumentException($"{maps} maps are not 1 more than a multiple of {angles} directions.", nameof(maps));
        }

        _maps = maps;
        _bandMaps = angles;
        _bands = (maps - 1) / angles;
        _scale = scale;
    }

    /// <inheritdoc/>
    public override Tensor Reference(Tensor input, ReferencePass pass)
    {
        ArgumentNullException.ThrowIfNull(input);
        Tensor colours = input.Reshape(input.Size(0), -1, _maps, input.Size(2) * input.Size(3));
        Tensor low = Standardized(colours.Narrow(2, 0, 1));
        long each = (long)_bandMaps * input.Size(2) * input.Size(3);
        Tensor bands = Standardized(colours.Narrow(2, 1, _maps - 1).Reshape(input.Size(0), -1, _bands, each));
        Tensor all = Tensor.Concatenate(2, low, bands.Reshape(input.Size(0), -1, _maps - 1, input.Size(2) * input.Size(3)));
        return (all * _scale).Reshape(input.Shape);
    }

    /// <inheritdoc/>
    public override OnnxSymbol Export(OnnxGraphBuilder graph, OnnxSymbol input)
    {
        ArgumentNullException.ThrowIfNull(graph);
        ArgumentNullException.ThrowIfNull(input);
        long positions = input.Shape[1] * input.Shape[2];
        OnnxSymbol colours = graph.Add(Path, "Reshape", [input.Name, graph.Integers(-1, _maps, positions)], [_maps, positions]);
        OnnxSymbol low = Standardized(graph, colours, 0, 1, 1);
        OnnxSymbol bands = Standardized(graph, colours, 1, _maps, _bands);
        OnnxSymbol all = graph.Add(Path, "Concat", [low.Name, bands.Name], [_maps, positions], ("axis", 1L));
        all = graph.Add(Path, "Mul", [all.Name, graph.Scalar(_scale)], all.Shape);
        return graph.Add(Path, "Reshape", [all.Name, graph.Integers([-1, .. input.Shape])], input.Shape);
    }

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor input, ForwardContext context)
    {
        ArgumentNullException.ThrowIfNull(input);
        Tensor colours = input.Reshape(-1, _maps, input.Size(2), input.Size(3));
        Tensor low = NnOperators.GroupNorm.Call(colours.Narrow(1, 0, 1), 1, OpArgument.None, OpArgument.None, Smallest, false);
        Tensor bands = NnOperators.GroupNorm.Call(colours.Narrow(1, 1, _maps - 1), _bands, OpArgument.None, OpArgument.None, Smallest, false);
        return (Tensor.Concatenate(1, low, bands) * _scale).Reshape(input.Shape);
    }

    private static Tensor Standardized(Tensor bands)
    {
        Tensor centred = bands - bands.Mean(-1, true);
        return centred / (centred.Square().Mean(-1, true) + Smallest).Sqrt();
    }

    private OnnxSymbol Standardized(OnnxGraphBuilder graph, OnnxSymbol colours, long from, long to, int bands)
    {
        long positions = colours.Shape[1];
        OnnxSymbol part = graph.Add(Path, "Slice", [colours.Name, graph.Integers(from), graph.Integers(to), graph.Integers(1)], [to - from, positions]);
        part = graph.Add(Path, "Reshape", [part.Name, graph.Integers(0, bands, -1)], [bands, (to - from) * positions / bands]);
        string ones = graph.Constant($"ones:{bands}", OnnxTensor.Of([.. Enumerable.Repeat(1f, bands)], bands));
        string zeros = graph.Constant($"zeros:{bands}", OnnxTensor.Of(new float[bands], bands));
        part = graph.Add(Path, "InstanceNormalization", [part.Name, ones, zeros], part.Shape, ("epsilon", (float)Smallest));
        return graph.Add(Path, "Reshape", [part.Name, graph.Integers(0, to - from, positions)], [to - from, positions]);
    }
}
