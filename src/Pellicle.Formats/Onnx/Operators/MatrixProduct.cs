using System.Numerics;

namespace Pellicle.Formats.Onnx.Operators;

/// <summary>Product of two matrices in double precision.</summary>
internal static class MatrixProduct
{
    /// <summary>c = a · b, row-major.</summary>
    /// <remarks>Four rows by two vectors at a time: eight sums stay in registers while k runs.</remarks>
    /// <param name="a">[rows, inner], from an offset.</param>
    /// <param name="aOffset">First element of a.</param>
    /// <param name="b">[inner, columns].</param>
    /// <param name="c">[rows, columns], overwritten.</param>
    /// <param name="rows">Rows of a.</param>
    /// <param name="inner">Columns of a.</param>
    /// <param name="columns">Columns of b.</param>
    public static void Multiply(double[] a, int aOffset, double[] b, double[] c, int rows, int inner, int columns)
    {
        int row = 0;
        for (; row + 4 <= rows; row += 4)
        {
            FourRows(a, aOffset + (row * inner), b, c, row * columns, inner, columns);
        }

        for (; row < rows; row++)
        {
            OneRow(a, aOffset + (row * inner), b, c, row * columns, inner, columns, 0);
        }
    }

    private static void FourRows(double[] a, int at, double[] b, double[] c, int to, int inner, int columns)
    {
        int width = Vector<double>.Count;
        int column = 0;
        for (; column + (2 * width) <= columns; column += 2 * width)
        {
            Vector<double> s00 = default, s01 = default, s10 = default, s11 = default, s20 = default, s21 = default, s30 = default, s31 = default;
            for (int k = 0; k < inner; k++)
            {
                var b0 = new Vector<double>(b, (k * columns) + column);
                var b1 = new Vector<double>(b, (k * columns) + column + width);
                var a0 = new Vector<double>(a[at + k]);
                var a1 = new Vector<double>(a[at + inner + k]);
                var a2 = new Vector<double>(a[at + (2 * inner) + k]);
                var a3 = new Vector<double>(a[at + (3 * inner) + k]);
                s00 += a0 * b0;
                s01 += a0 * b1;
                s10 += a1 * b0;
                s11 += a1 * b1;
                s20 += a2 * b0;
                s21 += a2 * b1;
                s30 += a3 * b0;
                s31 += a3 * b1;
            }

            s00.CopyTo(c, to + column);
            s01.CopyTo(c, to + column + width);
            s10.CopyTo(c, to + columns + column);
            s11.CopyTo(c, to + columns + column + width);
            s20.CopyTo(c, to + (2 * columns) + column);
            s21.CopyTo(c, to + (2 * columns) + column + width);
            s30.CopyTo(c, to + (3 * columns) + column);
            s31.CopyTo(c, to + (3 * columns) + column + width);
        }

        for (int row = 0; row < 4; row++)
        {
            OneRow(a, at + (row * inner), b, c, to + (row * columns), inner, columns, column);
        }
    }

    private static void OneRow(double[] a, int at, double[] b, double[] c, int to, int inner, int columns, int firstColumn)
    {
        Span<double> sums = c.AsSpan(to + firstColumn, columns - firstColumn);
        sums.Clear();
        for (int k = 0; k < inner && sums.Length > 0; k++)
        {
            double factor = a[at + k];
            ReadOnlySpan<double> row = b.AsSpan((k * columns) + firstColumn, sums.Length);
            for (int j = 0; j < sums.Length; j++)
            {
                sums[j] += factor * row[j];
            }
        }
    }
}
