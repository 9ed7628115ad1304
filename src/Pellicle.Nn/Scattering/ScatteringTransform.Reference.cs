using Pellicle.Tensors;

namespace Pellicle.Nn;

/// <content>The slow twin: every linear step as a matrix with one row per output position, filled tap by tap.</content>
public sealed partial class ScatteringTransform
{
    /// <inheritdoc/>
    public override Tensor Reference(Tensor input, ReferencePass pass)
    {
        ArgumentNullException.ThrowIfNull(input);
        (long images, long colours) = Check(input);
        Tensor planes = input.Reshape(images * colours, 1, (long)_imageSize * _imageSize);
        Tensor maps = Scatter(planes, (map, level, scale) => DenseModulus(map, level, scale), (map, level) => DenseSmooth(map, level));
        return maps.Reshape(images, colours * Maps, OutputSize, OutputSize);
    }

    private Tensor DenseModulus(Tensor maps, int level, int scale)
    {
        MorletBank bank = _banks[scale];
        Tensor?[] waves = new Tensor?[2];
        for (int part = 0; part < 2; part++)
        {
            double[][] matrices = [.. Enumerable.Range(part * _angles, _angles).Select(filter => DenseConvolution(bank, filter, SizeAt(level), scale))];
            Tensor matrix = Tensor.From<double>([.. matrices.SelectMany(m => m)], matrices.Sum(m => (long)m.Length) / maps.Size(2), maps.Size(2));
            waves[part] = maps.MatMul(matrix.To(maps.Type).Transpose());
        }

        Tensor size = (waves[0]!.Square() + waves[1]!.Square() + Smallest).Sqrt();
        return size.Reshape(maps.Size(0), maps.Size(1) * _angles, -1);
    }

    private static double[] DenseConvolution(MorletBank bank, int filter, int size, int scale)
    {
        int reduced = ScatteringGrid.Reduced(size, scale);
        var matrix = new double[(long)reduced * reduced * size * size];
        for (int row = 0; row < reduced * reduced; row++)
        {
            (int y, int x) = Math.DivRem(row, reduced);
            for (int tap = 0; tap < bank.Side * bank.Side; tap++)
            {
                int fromY = ScatteringGrid.Mirrored((y << scale) + (tap / bank.Side) - bank.Radius, size);
                int fromX = ScatteringGrid.Mirrored((x << scale) + (tap % bank.Side) - bank.Radius, size);
                matrix[(row * size * size) + (fromY * size) + fromX] += bank.Values[(filter * bank.Side * bank.Side) + tap];
            }
        }

        return matrix;
    }

    private Tensor DenseSmooth(Tensor maps, int level)
    {
        int size = SizeAt(level);
        double[] side = _lowPasses[level];
        var matrix = new double[OutputSize * OutputSize * size * size];
        for (int i = 0; i < matrix.Length; i++)
        {
            (int row, int column) = Math.DivRem(i, size * size);
            matrix[i] = side[(row / OutputSize * size) + (column / size)] * side[(row % OutputSize * size) + (column % size)];
        }

        return maps.MatMul(Tensor.From<double>(matrix, (long)OutputSize * OutputSize, (long)size * size).To(maps.Type).Transpose());
    }
}
