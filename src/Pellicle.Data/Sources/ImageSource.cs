using Pellicle.Core.Errors;
using Pellicle.Data.Images;

namespace Pellicle.Data.Sources;

/// <summary>One kind of source: lists its images when constructed, then reads single ones by many threads.</summary>
internal abstract class ImageSource : IDisposable
{
    protected ImageSource(DatasetOptions options) => Options = options;

    internal abstract SourceKind Kind { get; }

    /// <summary>Order is that of the source, the same at every opening.</summary>
    internal IReadOnlyList<SourceItem> Items { get; private protected init; } = [];

    /// <summary>Names of the columns of its table; empty if it has none.</summary>
    internal IReadOnlyList<string> Columns { get; private protected init; } = [];

    /// <summary>Column that gave <see cref="SourceItem.Patient"/>, or null.</summary>
    internal string? PatientColumn { get; private protected init; }

    internal virtual bool IsSynthetic => false;

    /// <summary>Things worth telling that do not stop the work.</summary>
    internal List<string> Warnings { get; } = [];

    /// <summary>Problems found while listing; the caller reports them together with its own.</summary>
    internal ProblemList Problems { get; } = new();

    protected DatasetOptions Options { get; }

    /// <summary>Decodes one image into the scratch buffers, or gives one that lives elsewhere. Thread-safe for different scratches.</summary>
    /// <exception cref="DataFormatException">Names file and reason.</exception>
    internal abstract RawImage Read(int item, PixelScratch scratch);

    /// <summary>The file of one image as it is stored; null where there is none, such as in arrays.</summary>
    /// <exception cref="DataFormatException">Names file and reason.</exception>
    internal virtual byte[]? ReadFile(int item) => null;

    /// <summary>A text that changes when the content of the image does: size with checksum or time of change.</summary>
    internal abstract string Stamp(int item);

    /// <summary>Values of a table column, one per item; null if there is no table.</summary>
    internal virtual IReadOnlyList<string>? ColumnValues(string column) => null;

    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    protected virtual void Dispose(bool disposing)
    {
    }
}
