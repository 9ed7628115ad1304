namespace Pellicle.Mpc.Core;

/// <summary>A two-dimensional convolution with groups, stride, padding and dilation.</summary>
public sealed record ConvolutionMap : LinearMap
{
    // 512 KiB of ring elements: about a second-level cache.
    private const int ElementsAtOnce = 1 << 16;

    /// <summary>C, a multiple of the groups.</summary>
    public required int Channels { get; init; }

    /// <summary>Input rows H.</summary>
    public required int Height { get; init; }

    /// <summary>Input columns W.</summary>
    public required int Width { get; init; }

    /// <summary>Images N.</summary>
    public required int Batch { get; init; }

    /// <summary>Output channels, a multiple of the groups.</summary>
    public required int OutputChannels { get; init; }

    /// <summary>Window rows and columns.</summary>
    public required PlaneSize Kernel { get; init; }

    /// <summary>Step down and across.</summary>
    public PlaneSize Stride { get; init; } = new(1, 1);

    /// <summary>Distance of window elements.</summary>
    public PlaneSize Dilation { get; init; } = new(1, 1);

    /// <summary>Zeros above, left, below, right.</summary>
    public PlanePadding Padding { get; init; }

    /// <summary>Independent groups of channels.</summary>
    public int ChannelGroups { get; init; } = 1;

    /// <summary>Output rows.</summary>
    public int OutputHeight => ((Height + Padding.Top + Padding.Bottom - (Dilation.Rows * (Kernel.Rows - 1)) - 1) / Stride.Rows) + 1;

    /// <summary>Output columns.</summary>
    public int OutputWidth => ((Width + Padding.Left + Padding.Right - (Dilation.Columns * (Kernel.Columns - 1)) - 1) / Stride.Columns) + 1;

    /// <inheritdoc/>
    public override int Groups => ChannelGroups;

    /// <inheritdoc/>
    public override int Rows => OutputChannels / ChannelGroups;

    /// <inheritdoc/>
    public override int Depth => Channels / ChannelGroups * Kernel.Rows * Kernel.Columns;

    /// <inheritdoc/>
    public override int Columns => checked(OutputHeight * OutputWidth * Batch);

    /// <inheritdoc/>
    public override int InputCount => checked(Channels * Height * Width * Batch);

    /// <inheritdoc/>
    public override LinearMap ForImages(int images) => this with { Batch = checked(Batch * images) };

    /// <inheritdoc/>
    public override ReadOnlySpan<T> Unfold<T>(int group, ReadOnlySpan<T> input)
    {
        var columns = new T[checked(Depth * Columns)];
        UnfoldColumns(group, input, 0, columns);
        return columns;
    }

    /// <inheritdoc/>
    public override bool IsLaidOutByColumns => true;

    /// <inheritdoc/>
    public override int ColumnsAtOnce => Math.Min(Columns, Math.Max(1, ElementsAtOnce / Depth / Batch) * Batch);

    /// <inheritdoc/>
    public override void UnfoldColumns<T>(int group, ReadOnlySpan<T> input, int first, Span<T> columns)
    {
        int width = columns.Length / Depth, position = first / Batch, count = width / Batch, row = 0;
        int firstChannel = group * (Channels / ChannelGroups), plane = Height * Width * Batch;
        columns.Clear();
        for (int c = firstChannel; c < firstChannel + (Channels / ChannelGroups); c++)
        {
            for (int kh = 0; kh < Kernel.Rows; kh++)
            {
                for (int kw = 0; kw < Kernel.Columns; kw++, row++)
                {
                    CopyPositions(input.Slice(c * plane, plane), columns.Slice(row * width, width), position, count, kh * Dilation.Rows, kw * Dilation.Columns);
                }
            }
        }
    }

    // Output positions in row order, one output row after the other.
    private void CopyPositions<T>(ReadOnlySpan<T> plane, Span<T> destination, int position, int count, int down, int across)
    {
        int outputWidth = OutputWidth;
        for (int done = 0; done < count;)
        {
            int oh = (position + done) / outputWidth, ow = (position + done) % outputWidth, run = Math.Min(count - done, outputWidth - ow);
            int h = (oh * Stride.Rows) + down - Padding.Top;
            if (h >= 0 && h < Height)
            {
                CopyRun(plane.Slice(h * Width * Batch, Width * Batch), destination.Slice(done * Batch, run * Batch), ow, across - Padding.Left);
            }

            done += run;
        }
    }

    private void CopyRun<T>(ReadOnlySpan<T> line, Span<T> destination, int ow, int offset)
    {
        int run = destination.Length / Batch;
        if (Stride.Columns == 1)
        {
            int skipped = Math.Max(0, -(ow + offset)), end = Math.Min(run, Width - offset - ow);
            if (end > skipped)
            {
                line.Slice((ow + offset + skipped) * Batch, (end - skipped) * Batch).CopyTo(destination[(skipped * Batch)..]);
            }

            return;
        }

        for (int i = 0; i < run; i++)
        {
            int w = ((ow + i) * Stride.Columns) + offset;
            if (w < 0 || w >= Width)
            {
                continue; // stays zero: padding
            }

            if (Batch == 1)
            {
                destination[i] = line[w];
            }
            else
            {
                line.Slice(w * Batch, Batch).CopyTo(destination[(i * Batch)..]);
            }
        }
    }
}
