using Pellicle.Core.Errors;

namespace Pellicle.Data.Encodings;

/// <summary>Reads encodings of an <c>encoded:</c> source, as they are, in parallel; keeps none.</summary>
/// <remarks>With <paramref name="sourceToken"/> each encoding gets a further row with a 1 at the number of its source.</remarks>
/// <param name="dataset">Stays open as long as the loader; not disposed by it.</param>
/// <param name="sourceToken">Adds the row that tells the source.</param>
/// <param name="threads">Threads that read, at least 1.</param>
public sealed class EncodingLoader(ImageDataset dataset, bool sourceToken, int threads) : RecordLoader
{
    private readonly EncodingLayout _layout = dataset.Encodings ?? throw new ArgumentException("The data set holds pictures.", nameof(dataset));

    /// <inheritdoc/>
    public override IReadOnlyList<long> Shape => [_layout.Tokens + (sourceToken ? 1 : 0), _layout.Width];

    /// <inheritdoc/>
    public override unsafe void Fill(ReadOnlySpan<int> records, Span<float> destination)
    {
        int size = Count;
        if (destination.Length != (long)records.Length * size)
        {
            throw new ArgumentException($"holds {destination.Length} numbers; expected {records.Length} x {size}", nameof(destination));
        }

        int[] wanted = records.ToArray();
        fixed (float* start = destination)
        {
            nint address = (nint)start; // a lambda may not capture pinned variables
            try
            {
                Parallel.For(0, wanted.Length, new ParallelOptions { MaxDegreeOfParallelism = threads }, i => Read(wanted[i], new Span<float>((float*)address + ((long)i * size), size)));
            }
            catch (AggregateException e) when (e.InnerExceptions.All(inner => inner is DataFormatException))
            {
                var first = (DataFormatException)e.InnerExceptions[0];
                throw new DataFormatException(first.Message, first.Hint, [.. e.InnerExceptions.Cast<DataFormatException>().Select(f => new Problem("encoding", f.Message, f.Hint))], first);
            }
        }
    }

    /// <inheritdoc/>
    /// <remarks>Nothing to do: there is nothing to decode, and the system reads files ahead.</remarks>
    public override void Prefetch(IReadOnlyList<int> records)
    {
    }

    private void Read(int record, Span<float> destination)
    {
        int numbers = _layout.Tokens * _layout.Width;
        dataset.ReadEncoding(record, destination[..numbers]);
        if (sourceToken)
        {
            destination[numbers..].Clear();
            destination[numbers + dataset.SourceOf(record)] = 1;
        }
    }
}
