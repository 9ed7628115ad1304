using Pellicle.Core.Errors;
using Pellicle.Data.Images;
using Pellicle.Data.Sources;

namespace Pellicle.Data.Encodings;

/// <summary>Encodings of one public folder, or of several that were merged. Everything comes from the public folders: no pictures, no key.</summary>
internal sealed class EncodedSource : ImageSource
{
    private readonly List<EncodedFolder> _folders = [];
    private readonly List<(int Folder, EncodedRow Row)> _places = [];
    private readonly List<string> _names = [];

    internal EncodedSource(string path, DatasetOptions options)
        : base(options)
    {
        RefuseColumns(path, options);
        try
        {
            foreach ((string? name, string folder) in MergedFolders.Of(path))
            {
                _folders.Add(new EncodedFolder(folder));
                _names.Add(name ?? "");
                _places.AddRange(_folders[^1].ReadLabels(Problems).Select(row => (_folders.Count - 1, row)));
            }

            RequireEqualShapes(path);
        }
        catch
        {
            Dispose();
            throw;
        }

        Columns = HasSources ? ["id", "split", "label", "source"] : ["id", "split", "label"];
        Items = [.. _places.Select(place => new SourceItem(NameOf(place), place.Row.Label, place.Row.Split, null, SourceItem.NoAttributes))];
    }

    internal override SourceKind Kind => SourceKind.Encoded;

    internal override bool IsSynthetic => _folders.All(folder => folder.IsSynthetic);

    internal EncodingLayout Layout => new(_folders[0].Shape[0], _folders[0].Shape[1], HasSources ? _names : [], _folders[0].Pictures.ImageSize, _folders[0].Pictures.Channels, _folders.All(folder => folder.IsLinear));

    private bool HasSources => _names.Count > 1 || _names[0].Length > 0;

    /// <summary>An encoding as a grey picture of its numbers, for counts and hashes; training reads <see cref="ReadEncoding"/>.</summary>
    internal override RawImage Read(int item, PixelScratch scratch)
    {
        EncodingLayout layout = Layout;
        var values = new float[layout.Tokens * layout.Width];
        ReadEncoding(item, values);
        return new RawImage(layout.Width, layout.Tokens, 1, values);
    }

    internal void ReadEncoding(int item, Span<float> destination) => _folders[_places[item].Folder].Read(_places[item].Row.Id, destination);

    /// <summary>Number of the item's source, 0 for a single release.</summary>
    internal int SourceOf(int item) => _places[item].Folder;

    internal override string Stamp(int item) => _folders[_places[item].Folder].Stamp(_places[item].Row.Id);

    internal override IReadOnlyList<string>? ColumnValues(string column) => column switch
    {
        "id" => [.. _places.Select(place => place.Row.Id)],
        "split" => [.. _places.Select(place => place.Row.Split)],
        "label" => [.. _places.Select(place => place.Row.Label)],
        "source" when HasSources => [.. _places.Select(place => _names[place.Folder])],
        _ => null,
    };

    protected override void Dispose(bool disposing)
    {
        _folders.ForEach(folder => folder.Dispose());
        base.Dispose(disposing);
    }

    private string NameOf((int Folder, EncodedRow Row) place) => HasSources ? $"{_names[place.Folder]}/{place.Row.Id}" : place.Row.Id;

    private void RequireEqualShapes(string path)
    {
        EncodedFolder first = _folders[0];
        int other = _folders.FindIndex(folder => !folder.Shape.SequenceEqual(first.Shape));
        if (other > 0)
        {
            throw new DataFormatException(
                $"'{path}': encodings of '{_names[other]}' have the shape [{string.Join(", ", _folders[other].Shape)}], those of '{_names[0]}' [{string.Join(", ", first.Shape)}].",
                "All hospitals make their keys from the same public specification.");
        }
    }

    private static void RefuseColumns(string path, DatasetOptions options)
    {
        if ((options.ImageColumn ?? options.PatientColumn ?? options.LabelColumn ?? options.SplitColumn) is { } column)
        {
            throw new UsageException($"the column '{column}' was named, but '{path}' (encoded:) has the columns id, split and label only.", "Leave the column options out: nothing else of a picture is published.");
        }
    }
}
