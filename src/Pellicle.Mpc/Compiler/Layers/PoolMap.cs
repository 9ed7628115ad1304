using Pellicle.Mpc.Core;

namespace Pellicle.Mpc.Compiler.Layers;

/// <summary>The public shape of a pool: which elements of [channel][row][column][image] meet in a window.</summary>
public sealed record PoolMap
{
    /// <summary>C.</summary>
    public required int Channels { get; init; }

    /// <summary>Input rows H.</summary>
    public required int Height { get; init; }

    /// <summary>Input columns W.</summary>
    public required int Width { get; init; }

    /// <summary>Images N.</summary>
    public int Batch { get; init; } = 1;

    /// <summary>Window rows and columns.</summary>
    public required PlaneSize Kernel { get; init; }

    /// <summary>Step down and across.</summary>
    public PlaneSize Stride { get; init; } = new(1, 1);

    /// <summary>Distance of window elements.</summary>
    public PlaneSize Dilation { get; init; } = new(1, 1);

    /// <summary>Rows above and columns before the picture that windows may reach into; below and after it as the output says.</summary>
    public PlaneSize Before { get; init; }

    /// <summary>Output rows and columns.</summary>
    public required PlaneSize Output { get; init; }

    /// <summary>Elements of the input.</summary>
    public int InputCount => checked(Channels * Height * Width * Batch);

    /// <summary>Elements of the output.</summary>
    public int OutputCount => checked(Channels * Output.Rows * Output.Columns * Batch);

    /// <summary>Elements of a window, those in the padding included.</summary>
    public int WindowSize => checked(Kernel.Rows * Kernel.Columns);

    /// <summary>A square window without padding.</summary>
    /// <param name="channels">C.</param>
    /// <param name="height">H.</param>
    /// <param name="width">W.</param>
    /// <param name="side">Side of the window.</param>
    /// <param name="stride">Step.</param>
    public static PoolMap Square(int channels, int height, int width, int side, int stride) => new()
    {
        Channels = channels,
        Height = height,
        Width = width,
        Kernel = new(side, side),
        Stride = new(stride, stride),
        Output = new(((height - side) / stride) + 1, ((width - side) / stride) + 1),
    };

    /// <summary>One window over the whole picture.</summary>
    /// <param name="channels">C.</param>
    /// <param name="height">H.</param>
    /// <param name="width">W.</param>
    public static PoolMap Whole(int channels, int height, int width) => new()
    {
        Channels = channels,
        Height = height,
        Width = width,
        Kernel = new(height, width),
        Output = new(1, 1),
    };

    /// <summary>For each element of a window, its place in the input, one an output.</summary>
    /// <returns>[<see cref="WindowSize"/>][<see cref="OutputCount"/>]; -1 in the padding.</returns>
    public int[][] Places()
    {
        var places = new int[WindowSize][];
        for (int tap = 0; tap < places.Length; tap++)
        {
            places[tap] = new int[OutputCount];
            int down = tap / Kernel.Columns * Dilation.Rows, across = tap % Kernel.Columns * Dilation.Columns, i = 0;
            for (int c = 0; c < Channels; c++)
            {
                for (int r = 0; r < Output.Rows; r++)
                {
                    int h = (r * Stride.Rows) + down - Before.Rows;
                    for (int s = 0; s < Output.Columns; s++)
                    {
                        int w = (s * Stride.Columns) + across - Before.Columns;
                        bool isInside = h >= 0 && h < Height && w >= 0 && w < Width;
                        for (int n = 0; n < Batch; n++)
                        {
                            places[tap][i++] = isInside ? (((((c * Height) + h) * Width) + w) * Batch) + n : -1;
                        }
                    }
                }
            }
        }

        return places;
    }
}
