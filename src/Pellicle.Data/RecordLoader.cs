namespace Pellicle.Data;

/// <summary>Turns records of a data set into the numbers that a network takes.</summary>
/// <remarks>Pictures are decoded and resized (<see cref="ImageLoader"/>), encodings are read as they are (<see cref="Encodings.EncodingLoader"/>).</remarks>
public abstract class RecordLoader : IDisposable
{
    /// <summary>Shape of one record: [C, S, S] of a picture, [tokens, width] of an encoding.</summary>
    public abstract IReadOnlyList<long> Shape { get; }

    /// <summary>Numbers of one record.</summary>
    public int Count => checked((int)Shape.Aggregate(1L, (product, size) => product * size));

    /// <summary>Writes a batch.</summary>
    /// <param name="records">Indices into <see cref="ImageDataset.Records"/>; may repeat, may be empty.</param>
    /// <param name="destination">Exactly n · <see cref="Count"/> numbers.</param>
    /// <exception cref="Core.Errors.DataFormatException">Records cannot be read; <see cref="Core.Errors.PellicleException.Problems"/> lists all of the batch.</exception>
    public abstract void Fill(ReadOnlySpan<int> records, Span<float> destination);

    /// <summary>Starts reading records that will be asked for soon, and returns at once. Errors appear when they are asked for.</summary>
    /// <param name="records">Indices into <see cref="ImageDataset.Records"/>.</param>
    public abstract void Prefetch(IReadOnlyList<int> records);

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Ends background work.</summary>
    /// <param name="disposing">Always true: nothing is finalized.</param>
    protected virtual void Dispose(bool disposing)
    {
    }
}
