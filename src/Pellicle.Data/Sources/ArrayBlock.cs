using Pellicle.Core.Errors;

namespace Pellicle.Data.Sources;

/// <summary>Pictures of equal size in one array in memory, with their labels.</summary>
/// <param name="Name">Name of the array, for names of images and messages.</param>
/// <param name="Split">Split of all of them, or null.</param>
/// <param name="Height">Rows.</param>
/// <param name="Width">Columns.</param>
/// <param name="Channels">1 or 3.</param>
/// <param name="Bytes">[N, H, W, C]; empty if the samples are floats.</param>
/// <param name="Floats">[N, H, W, C] in 0..1; empty if the samples are bytes.</param>
/// <param name="Labels">[N].</param>
internal sealed record ArrayBlock(string Name, string? Split, int Height, int Width, int Channels, ReadOnlyMemory<byte> Bytes, ReadOnlyMemory<float> Floats, long[] Labels)
{
    internal int Count => Labels.Length;

    internal int SampleCount => Height * Width * Channels;

    internal RawImage Read(int index) => Floats.IsEmpty
        ? new RawImage(Width, Height, Channels, Bytes.Slice(index * SampleCount, SampleCount))
        : new RawImage(Width, Height, Channels, Floats.Slice(index * SampleCount, SampleCount));

    /// <summary>The items of the block; labels out of range are problems.</summary>
    internal IEnumerable<SourceItem> Items(ProblemList problems)
    {
        for (int i = 0; i < Count; i++)
        {
            long label = Labels[i];
            if (label is < 0 or >= ClassTable.MaxClasses)
            {
                problems.Add($"{Name}[{i}]", $"label {label} is out of range; expected 0 to {ClassTable.MaxClasses - 1}", "Number the classes from 0.");
            }

            yield return new SourceItem($"{Name}[{i}]", label.ToString(), Split, null, SourceItem.NoAttributes);
        }
    }

    /// <exception cref="DataFormatException">The pictures are not 1 to 65,500 pixels wide and high, or too large together.</exception>
    internal static (int Height, int Width) CheckSize(string name, long height, long width, DatasetOptions options) =>
        height is >= 1 and <= 65500 && width is >= 1 and <= 65500 && height * width <= options.MaxPixels
            ? ((int)height, (int)width)
            : throw new DataFormatException($"{name} holds pictures of {width} x {height} pixels; expected 1 to 65500 on each side and at most {options.MaxPixels} pixels", "Scale the pictures down.");
}
