using Pellicle.Formats.Onnx;

namespace Pellicle.Nn;

/// <summary>Writes the cascade of the scattering transform as operators of ONNX: Pad, Conv, Mul, Add, Sqrt, and MatMul for the low passes.</summary>
/// <remarks>The colours of all images become one list of planes and are put together again at the end.</remarks>
internal sealed class ScatteringExport(OnnxGraphBuilder graph, string path, MorletBank[] banks, double[][] lowPasses, double smallest)
{
    private readonly List<OnnxSymbol> _maps = [];

    /// <summary>Writes the whole transform.</summary>
    /// <param name="input">[C, S, S].</param>
    /// <param name="mapsPerColour">F.</param>
    /// <returns>[C·F, M, M].</returns>
    public OnnxSymbol Write(OnnxSymbol input, int mapsPerColour)
    {
        long colours = input.Shape[0];
        OnnxSymbol planes = Reshape(input, 1, input.Shape[1], input.Shape[2]);
        Smooth(planes, 0);
        OnnxSymbol[] first = [.. banks.Select((_, scale) => Modulus(planes, scale))];
        for (int j = 0; j < first.Length; j++)
        {
            Smooth(first[j], j);
        }

        for (int j1 = 0; j1 < first.Length; j1++)
        {
            for (int j2 = j1 + 1; j2 < first.Length; j2++)
            {
                Smooth(Modulus(first[j1], j2 - j1), j2);
            }
        }

        long side = _maps[0].Shape[1];
        OnnxSymbol all = graph.Add(path, "Concat", [.. _maps.Select(map => map.Name)], [mapsPerColour, side, side], ("axis", 1L));
        return Reshape(all, colours * mapsPerColour, side, side);
    }

    private OnnxSymbol Modulus(OnnxSymbol maps, int scale)
    {
        MorletBank bank = banks[scale];
        long size = maps.Shape[1];
        long reduced = ScatteringGrid.Reduced((int)size, scale);
        OnnxSymbol bordered = Border(Reshape(maps, 1, size, size), bank.Radius);
        OnnxSymbol squares = Square(bordered, bank, scale, 0, reduced);
        squares = graph.Add(path, "Add", [squares.Name, Square(bordered, bank, scale, 1, reduced).Name], squares.Shape);
        squares = graph.Add(path, "Add", [squares.Name, graph.Scalar(smallest)], squares.Shape);
        OnnxSymbol root = graph.Add(path, "Sqrt", [squares.Name], squares.Shape);
        return Reshape(root, maps.Shape[0] * bank.Angles, reduced, reduced);
    }

    private OnnxSymbol Square(OnnxSymbol bordered, MorletBank bank, int scale, int part, long reduced)
    {
        int taps = bank.Angles * bank.Side * bank.Side;
        float[] values = Array.ConvertAll(bank.Values[(part * taps)..((part + 1) * taps)], v => (float)v);
        string filters = graph.Constant($"{path}.{(part == 0 ? "real" : "imaginary")}.{scale}", OnnxTensor.Of(values, bank.Angles, 1, bank.Side, bank.Side));
        OnnxSymbol wave = graph.Add(
            path,
            "Conv",
            [bordered.Name, filters],
            [bank.Angles, reduced, reduced],
            ("kernel_shape", new long[] { bank.Side, bank.Side }),
            ("strides", new long[] { 1 << scale, 1 << scale }));
        return graph.Add(path, "Mul", [wave.Name, wave.Name], wave.Shape);
    }

    private OnnxSymbol Border(OnnxSymbol maps, int radius)
    {
        long size = maps.Shape[1];
        long mirrored = Math.Min(radius, size - 1);
        OnnxSymbol bordered = Pad(maps, mirrored, "reflect");
        return mirrored == radius ? bordered : Pad(bordered, radius - mirrored, "edge");
    }

    private OnnxSymbol Pad(OnnxSymbol maps, long border, string mode)
    {
        long size = maps.Shape[1] + (2 * border);
        return graph.Add(path, "Pad", [maps.Name, graph.Integers(0, 0, border, border, 0, 0, border, border)], [1, size, size], ("mode", mode));
    }

    private void Smooth(OnnxSymbol maps, int level)
    {
        long size = maps.Shape[1];
        long cells = lowPasses[level].Length / size;
        OnnxTensor matrix = OnnxTensor.Of(Array.ConvertAll(lowPasses[level], v => (float)v), cells, size);
        var turned = new float[cells * size];
        for (int i = 0; i < turned.Length; i++)
        {
            turned[i] = (float)lowPasses[level][(i % cells * size) + (i / cells)];
        }

        OnnxSymbol rows = graph.Add(path, "MatMul", [maps.Name, graph.Constant($"{path}.lowPass.{level}.T", OnnxTensor.Of(turned, size, cells))], [maps.Shape[0], size, cells]);
        _maps.Add(graph.Add(path, "MatMul", [graph.Constant($"{path}.lowPass.{level}", matrix), rows.Name], [maps.Shape[0], cells, cells]));
    }

    private OnnxSymbol Reshape(OnnxSymbol value, params long[] shape) => graph.Add(path, "Reshape", [value.Name, graph.Integers([-1, .. shape])], shape);
}
