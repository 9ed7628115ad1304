using Pellicle.Formats.Onnx;
using Pellicle.Tensors;

namespace Pellicle.Nn;

/// <summary>Wavelet scattering of order two: a fixed front end without parameters, which costs no privacy because it has learned nothing. [N, C, S, S] → [N, C·F, M, M].</summary>
/// <remarks>
/// S₀ = x⋆φ, S₁ = |x⋆ψ_{j,θ}|⋆φ, S₂ = ||x⋆ψ_{j1,θ1}|⋆ψ_{j2,θ2}|⋆φ for j1 &lt; j2 (Mallat 2012; Bruna and Mallat 2013), with J scales, L directions and
/// F = 1 + JL + L²J(J−1)/2 maps of every colour, each of M = ⌈S/2^J⌉ positions on a side. Private linear models on these features beat private
/// deep networks on small data sets (Tramèr and Boneh 2021).
/// After a wavelet of scale j every 2^j-th position is kept, and what follows works on that coarser grid with filters that are smaller by
/// the same factor: what is lost is what the wavelet passed above the new sampling rate. Maps are in the order of the formulas, j before θ,
/// colour by colour.
/// </remarks>
public sealed partial class ScatteringTransform : Layer
{
    /// <summary>Largest J.</summary>
    public const int MostScales = 6;

    /// <summary>Largest L.</summary>
    public const int MostAngles = 16;

    // Under the root of the modulus: its derivative stays finite where a map is zero.
    private const double Smallest = 1e-12;

    // Planes computed at once: their maps stay in the cache of a core, and memory does not grow with the batch.
    private const int BlockPlanes = 32;

    private readonly int _imageSize;
    private readonly int _scales;
    private readonly int _angles;
    private readonly MorletBank[] _banks;
    private readonly double[][] _lowPasses;
    private readonly Tensor[] _filters;
    private readonly Tensor[] _smoothers;

    /// <summary>Makes the filters.</summary>
    /// <param name="imageSize">S, at least 2^J.</param>
    /// <param name="scales">J, 1 to <see cref="MostScales"/>.</param>
    /// <param name="angles">L, 1 to <see cref="MostAngles"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of its range.</exception>
    public ScatteringTransform(int imageSize, int scales, int angles)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(scales, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(scales, MostScales);
        ArgumentOutOfRangeException.ThrowIfLessThan(angles, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(angles, MostAngles);
        ArgumentOutOfRangeException.ThrowIfLessThan(imageSize, 1 << scales);
        _imageSize = imageSize;
        _scales = scales;
        _angles = angles;
        _banks = [.. Enumerable.Range(0, scales).Select(j => new MorletBank(j, angles))];
        _lowPasses = [.. Enumerable.Range(0, scales).Select(j => ScatteringGrid.LowPass(SizeAt(j), scales - j))];
        _filters = Array.ConvertAll(_banks, bank => Constant(bank.Values, 2 * angles, 1, bank.Side, bank.Side));
        _smoothers = [.. _lowPasses.Select((matrix, j) => Constant(matrix, OutputSize, SizeAt(j)))];
    }

    /// <summary>Maps of one colour without any wavelet, of one, and of two: 1, JL, L²J(J−1)/2.</summary>
    public IReadOnlyList<int> MapsPerOrder => [1, _scales * _angles, _angles * _angles * _scales * (_scales - 1) / 2];

    /// <summary>F: maps of one colour.</summary>
    public int Maps => MapsPerOrder.Sum();

    /// <summary>M: positions on a side of the output.</summary>
    public int OutputSize => SizeAt(_scales);

    /// <inheritdoc/>
    public override OnnxSymbol Export(OnnxGraphBuilder graph, OnnxSymbol input) => new ScatteringExport(graph, Path, _banks, _lowPasses, Smallest).Write(input, Maps);

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor input, ForwardContext context)
    {
        ArgumentNullException.ThrowIfNull(input);
        (long images, long colours) = Check(input);
        Tensor planes = input.Reshape(images * colours, 1, _imageSize, _imageSize);
        Tensor maps = planes.Size(0) <= BlockPlanes ? Block(planes) : Blocks(planes);
        return maps.Reshape(images, colours * Maps, OutputSize, OutputSize);
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        Array.ForEach(_filters, filter => filter.Dispose());
        Array.ForEach(_smoothers, smoother => smoother.Dispose());
    }

    private static Tensor Constant(double[] values, params ReadOnlySpan<long> shape) => Tensor.From<float>(Array.ConvertAll(values, v => (float)v), shape).Detached();

    private int SizeAt(int scale) => ScatteringGrid.Reduced(_imageSize, scale);

    private (long Images, long Colours) Check(Tensor input)
    {
        long[] shape = input.Shape;
        return shape.Length == 4 && shape[2] == _imageSize && shape[3] == _imageSize
            ? (shape[0], shape[1])
            : throw new ArgumentException($"Images have shape [{string.Join(", ", shape)}]; the scattering transform was made for [N, C, {_imageSize}, {_imageSize}].", nameof(input));
    }

    // The cascade. Maps are [planes, maps, positions...]; a level is the grid of every 2^level-th position.
    private Tensor Scatter(Tensor planes, Func<Tensor, int, int, Tensor> modulus, Func<Tensor, int, Tensor> smooth)
    {
        var first = new Tensor[_scales];
        var maps = new List<Tensor> { smooth(planes, 0) };
        for (int j = 0; j < _scales; j++)
        {
            first[j] = modulus(planes, 0, j);
            maps.Add(smooth(first[j], j));
        }

        for (int j1 = 0; j1 < _scales; j1++)
        {
            for (int j2 = j1 + 1; j2 < _scales; j2++)
            {
                maps.Add(smooth(modulus(first[j1], j1, j2 - j1), j2));
            }
        }

        return Tensor.Concatenate(1, maps.ToArray());
    }

    private Tensor Blocks(Tensor planes)
    {
        var parts = new List<Tensor>();
        for (long start = 0; start < planes.Size(0); start += BlockPlanes)
        {
            using TensorScope scope = TensorScope.Open();
            parts.Add(scope.Keep(Block(planes.Narrow(0, start, Math.Min(BlockPlanes, planes.Size(0) - start)))));
        }

        return Tensor.Concatenate(0, parts.ToArray());
    }

    private Tensor Block(Tensor planes) => Scatter(planes, Modulus, Smooth);

    private Tensor Modulus(Tensor maps, int level, int scale)
    {
        long[] shape = maps.Shape;
        int radius = _banks[scale].Radius;
        Tensor bordered = Border(maps.Reshape(shape[0] * shape[1], 1, shape[2], shape[3]), radius, SizeAt(level));
        Tensor waves = bordered.Conv2d(_filters[scale], null, Window2d.Square((2 * radius) + 1, 1 << scale));
        Tensor size = ((waves.Narrow(1, 0, _angles).Square() + waves.Narrow(1, _angles, _angles).Square()) + Smallest).Sqrt();
        return size.Reshape(shape[0], shape[1] * _angles, size.Size(2), size.Size(3));
    }

    private static unsafe Tensor Border(Tensor maps, int radius, int size)
    {
        int mirrored = Math.Min(radius, size - 1);
        long* near = stackalloc long[4] { mirrored, mirrored, mirrored, mirrored };
        Tensor bordered = NnOperators.PadMirrored.Call(maps, OpArgument.Integers(near, 4));
        if (mirrored == radius)
        {
            return bordered;
        }

        long rest = radius - mirrored;
        long* far = stackalloc long[4] { rest, rest, rest, rest };
        return NnOperators.PadRepeated.Call(bordered, OpArgument.Integers(far, 4));
    }

    // A u Aᵀ as two products with the wide side flattened; [.., h, w] → [.., M, M].
    private Tensor Smooth(Tensor maps, int level)
    {
        Tensor transposed = _smoothers[level].Transpose();
        Tensor columns = maps.MatMul(transposed).Transpose().Contiguous();
        return columns.MatMul(transposed).Transpose().Contiguous();
    }
}
