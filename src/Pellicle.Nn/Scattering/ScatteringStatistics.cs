using Pellicle.Formats.Onnx;
using Pellicle.Tensors;

namespace Pellicle.Nn;

/// <summary>Scattering maps as texture statistics that do not change when the picture is turned or mirrored, nearly: [N, C·F, M, M] → [N, C·3·(G + 1)].</summary>
/// <remarks>
/// Maps of one scale are averaged over directions, those of a pair of scales over pairs with the same angle between them
/// (Sifre and Mallat 2013): G = J + (L/2 + 1)·J(J−1)/2 groups besides the low pass. Positions are averaged in three
/// regions, the central half, the sides and the corners. Groups are given as logarithms, since textures differ by factors; of the
/// low pass there is the mean and its logarithm, for pixels normalised to −1…1. No parameters; images do not mix.
/// </remarks>
public sealed class ScatteringStatistics : Layer
{
    /// <summary>Fewest positions on a side: below, no region has a side of its own.</summary>
    public const int FewestPositions = 4;

    private const int Regions = 3;
    private const double SmallestAmplitude = 1e-4;
    private const double SmallestBrightness = 1e-3;

    private readonly int _maps;
    private readonly int _side;
    private readonly int[][] _groups;
    private readonly int[][] _regions;
    private readonly Tensor _overMaps;
    private readonly Tensor _overPositions;

    /// <summary>Makes the layer.</summary>
    /// <param name="scales">J.</param>
    /// <param name="angles">L.</param>
    /// <param name="side">M, at least <see cref="FewestPositions"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of its range.</exception>
    public ScatteringStatistics(int scales, int angles, int side)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(scales, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(angles, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(side, FewestPositions);
        _side = side;
        _groups = [[0], .. GroupsOf(scales, angles)];
        _maps = _groups.Sum(group => group.Length);
        _regions = RegionsOf(side);
        _overMaps = Averages(_groups, _maps);
        _overPositions = Averages(_regions, side * side);
    }

    /// <summary>Numbers for one colour: 3·(G + 2), since the low pass counts twice.</summary>
    public int PerColour => Regions * (_groups.Length + 1);

    /// <inheritdoc/>
    public override Tensor Reference(Tensor input, ReferencePass pass)
    {
        ArgumentNullException.ThrowIfNull(input);
        Tensor maps = input.Reshape(-1, _maps, (long)_side * _side);
        Tensor grouped = Tensor.Stack(1, Array.ConvertAll(_groups, group => maps.IndexSelect(1, Indices(group)).Mean(1)));
        Tensor means = Tensor.Stack(2, Array.ConvertAll(_regions, region => grouped.IndexSelect(2, Indices(region)).Mean(2)));
        return Described(means, input.Size(0));
    }

    /// <inheritdoc/>
    public override OnnxSymbol Export(OnnxGraphBuilder graph, OnnxSymbol input)
    {
        ArgumentNullException.ThrowIfNull(graph);
        ArgumentNullException.ThrowIfNull(input);
        long colours = input.Shape[0] / _maps;
        long positions = (long)_side * _side;
        int groups = _groups.Length;
        OnnxSymbol maps = graph.Add(Path, "Reshape", [input.Name, graph.Integers(-1, _maps, positions)], [_maps, positions]);
        string overPositions = graph.Constant($"{Path}.positions", OnnxTensor.Of(_overPositions.Transpose().Contiguous().ToArray<float>(), positions, Regions));
        string overMaps = graph.Constant($"{Path}.maps", OnnxTensor.Of(_overMaps.ToArray<float>(), groups, _maps));
        OnnxSymbol means = graph.Add(Path, "MatMul", [overMaps, graph.Add(Path, "MatMul", [maps.Name, overPositions], [_maps, Regions]).Name], [groups, Regions]);
        OnnxSymbol low = Rows(graph, means, 0, 1);
        OnnxSymbol shifted = graph.Add(Path, "Add", [low.Name, graph.Scalar(1)], low.Shape);
        OnnxSymbol bright = Logarithm(graph, shifted, SmallestBrightness);
        OnnxSymbol waves = Logarithm(graph, Rows(graph, means, 1, groups), SmallestAmplitude);
        OnnxSymbol all = graph.Add(Path, "Concat", [low.Name, bright.Name, waves.Name], [groups + 1, Regions], ("axis", 1L));
        return graph.Add(Path, "Reshape", [all.Name, graph.Integers(-1, colours * PerColour)], [colours * PerColour]);
    }

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor input, ForwardContext context)
    {
        ArgumentNullException.ThrowIfNull(input);
        Tensor maps = input.Reshape(-1, _maps, (long)_side * _side);
        return Described(_overMaps.MatMul(maps.MatMul(_overPositions.Transpose())), input.Size(0));
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        _overMaps.Dispose();
        _overPositions.Dispose();
    }

    private Tensor Described(Tensor means, long images)
    {
        Tensor low = means.Narrow(1, 0, 1);
        Tensor waves = means.Narrow(1, 1, _groups.Length - 1);
        return Tensor.Concatenate(1, low, (low + 1).Clamp(SmallestBrightness).Log(), waves.Clamp(SmallestAmplitude).Log()).Reshape(images, -1);
    }

    // Maps come scale by scale, then pair of scales by pair of scales with the first direction outside.
    private static IEnumerable<int[]> GroupsOf(int scales, int angles)
    {
        int next = 1;
        for (int scale = 0; scale < scales; scale++, next += angles)
        {
            yield return [.. Enumerable.Range(next, angles)];
        }

        for (int pair = 0; pair < scales * (scales - 1) / 2; pair++, next += angles * angles)
        {
            for (int between = 0; between <= angles / 2; between++)
            {
                yield return [.. Enumerable.Range(0, angles * angles).Where(map => Between(map / angles, map % angles, angles) == between).Select(map => next + map)];
            }
        }
    }

    // Directions are lines: after L steps of π/L one is back.
    private static int Between(int first, int second, int angles)
    {
        int steps = Math.Abs(first - second);
        return Math.Min(steps, angles - steps);
    }

    private static int[][] RegionsOf(int side)
    {
        int border = side / 4;
        bool IsInner(int p) => p >= border && p < side - border;
        int InnerSides(int position) => (IsInner(position / side) ? 1 : 0) + (IsInner(position % side) ? 1 : 0);
        return [.. new[] { 2, 1, 0 }.Select(inner => Enumerable.Range(0, side * side).Where(position => InnerSides(position) == inner).ToArray())];
    }

    private static Tensor Averages(int[][] groups, int members)
    {
        float[] weights = new float[groups.Length * members];
        for (int group = 0; group < groups.Length; group++)
        {
            foreach (int member in groups[group])
            {
                weights[(group * members) + member] = 1f / groups[group].Length;
            }
        }

        return Tensor.From<float>(weights, groups.Length, members).Detached();
    }

    private static Tensor Indices(int[] values) => Tensor.From<long>(Array.ConvertAll(values, value => (long)value), values.Length);

    private OnnxSymbol Rows(OnnxGraphBuilder graph, OnnxSymbol means, long from, long to) =>
        graph.Add(Path, "Slice", [means.Name, graph.Integers(from), graph.Integers(to), graph.Integers(1)], [to - from, Regions]);

    private OnnxSymbol Logarithm(OnnxGraphBuilder graph, OnnxSymbol value, double smallest)
    {
        OnnxSymbol clamped = graph.Add(Path, "Clip", [value.Name, graph.Scalar(smallest)], value.Shape);
        return graph.Add(Path, "Log", [clamped.Name], value.Shape);
    }
}
