using System.Text.Json;
using Pellicle.Core.Errors;
using Pellicle.Data.Images;
using Pellicle.Data.Preparation;
using Pellicle.Formats.Bytes;
using Pellicle.Formats.Json;
using Pellicle.Formats.Npy;

namespace Pellicle.Data.Sources;

/// <summary>A folder that <c>data prepare</c> wrote: pictures of one size in NumPy shards, read in place by all threads at once.</summary>
internal sealed class PreparedSource : ImageSource
{
    private const long MaxManifestBytes = 1L << 30;
    private readonly PreparedManifest _manifest;
    private readonly List<(ByteSource Source, long Offset)> _shards = [];
    private readonly (int Shard, int Index)[] _places;
    private readonly int _imageBytes;

    internal PreparedSource(string folder, DatasetOptions options)
        : base(options)
    {
        _manifest = ReadManifest(Path.Combine(folder, PreparedManifest.FileName));
        _imageBytes = checked(_manifest.ImageSize * _manifest.ImageSize * _manifest.Channels);
        try
        {
            foreach (PreparedShard shard in _manifest.Shards)
            {
                _shards.Add(OpenShard(folder, shard));
            }
        }
        catch
        {
            Dispose();
            throw;
        }

        _places = [.. _manifest.Shards.SelectMany((shard, k) => Enumerable.Range(0, shard.Images).Select(i => (k, i)))];
        Columns = ["file", "label", "split", .. _manifest.HasPatients ? ["patient"] : Array.Empty<string>(), .. _manifest.Attributes];
        PatientColumn = _manifest.HasPatients ? options.PatientColumn ?? "patient" : null;
        CheckColumns(folder);
        Items = Problems.Count > 0 ? [] :
        [
            .. _manifest.Images.Select(row => new SourceItem(
                row.File,
                Value(row, options.LabelColumn ?? "label"),
                row.Split,
                PatientColumn is null ? null : Value(row, PatientColumn),
                options.AttributeColumns.Count == 0 ? SourceItem.NoAttributes : options.AttributeColumns.ToDictionary(a => a, a => Value(row, a)))),
        ];
    }

    internal override SourceKind Kind => SourceKind.Prepared;

    internal override bool IsSynthetic => _manifest.IsSynthetic;

    internal static bool IsIn(string folder) => File.Exists(Path.Combine(folder, PreparedManifest.FileName));

    internal override RawImage Read(int item, PixelScratch scratch)
    {
        (int shard, int index) = _places[item];
        byte[] pixels = _shards[shard].Source.ReadBytes(_shards[shard].Offset + (long)index * _imageBytes, _imageBytes);
        return new RawImage(_manifest.ImageSize, _manifest.ImageSize, _manifest.Channels, pixels);
    }

    internal override string Stamp(int item) => _manifest.Shards[_places[item].Shard].Sha256;

    internal override IReadOnlyList<string>? ColumnValues(string column) => Columns.Contains(column) ? [.. _manifest.Images.Select(row => Value(row, column))] : null;

    protected override void Dispose(bool disposing)
    {
        foreach ((ByteSource source, _) in _shards)
        {
            source.Dispose();
        }

        base.Dispose(disposing);
    }

    private (ByteSource Source, long Offset) OpenShard(string folder, PreparedShard shard)
    {
        if (shard.File != Path.GetFileName(shard.File) || shard.File.Length == 0)
        {
            throw new DataFormatException($"'{folder}': the manifest names the shard '{shard.File}'; expected a file in the same folder", "Prepare the data again.");
        }

        var source = ByteSource.Open(Path.Combine(folder, shard.File));
        try
        {
            NpyHeader header = NpyFile.ReadHeader(source);
            long[] expected = [shard.Images, _manifest.ImageSize, _manifest.ImageSize, _manifest.Channels];
            return header.Type == NpyType.U1 && header.Shape.SequenceEqual(expected) && !header.IsFortranOrder && source.Length == header.DataOffset + (long)shard.Images * _imageBytes
                ? (source, header.DataOffset)
                : throw new DataFormatException($"'{shard.File}' is not the shard that the manifest describes: expected 8-bit numbers of shape ({string.Join(", ", expected)})", "Prepare the data again.");
        }
        catch
        {
            source.Dispose();
            throw;
        }
    }

    private void CheckColumns(string folder)
    {
        foreach (string column in Options.AttributeColumns.Append(Options.LabelColumn).Append(Options.PatientColumn).OfType<string>().Where(c => !Columns.Contains(c)))
        {
            Problems.Add(folder, $"there is no column '{column}'; the columns are {string.Join(", ", Columns)}", "Prepare the data again with the columns you need, or name one of these.");
        }
    }

    private string Value(PreparedImageRow row, string column) => column switch
    {
        "file" => row.File,
        "label" => row.Class,
        "split" => row.Split,
        "patient" => row.Patient?.ToString() ?? "",
        _ => row.Attributes[_manifest.Attributes.ToList().IndexOf(column)],
    };

    private static PreparedManifest ReadManifest(string path)
    {
        PreparedManifest manifest;
        try
        {
            if (new FileInfo(path).Length > MaxManifestBytes)
            {
                throw Unusable(path, "it is too large", null);
            }

            manifest = JsonSerializer.Deserialize<PreparedManifest>(File.ReadAllBytes(path), PellicleJson.Indented) ?? throw Unusable(path, "it is empty", null);
        }
        catch (JsonException e)
        {
            throw Unusable(path, e.Message.Split('\n')[0], e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Unusable(path, e.Message.Split('\n')[0], e);
        }

        string? fault =
            manifest.SchemaVersion != 1 ? $"schemaVersion is {manifest.SchemaVersion}, expected 1"
            : manifest.ImageSize is < 1 or > 4096 || manifest.Channels is not (1 or 3) ? $"imageSize {manifest.ImageSize} and channels {manifest.Channels} are not usable"
            : manifest.Shards.Any(s => s.Images < 1) || manifest.Shards.Sum(s => (long)s.Images) != manifest.Images.Count ? "the shards do not add up to the images"
            : manifest.Images.FirstOrDefault(i => !SplitName.All.Contains(i.Split) || i.Attributes.Count != manifest.Attributes.Count || (manifest.HasPatients && i.Patient is null)) is { } bad ? $"the image '{bad.File}' has an unknown split, too few attributes, or no patient"
            : null;
        return fault is null ? manifest : throw Unusable(path, fault, null);
    }

    private static DataFormatException Unusable(string path, string why, Exception? inner) => new($"'{path}' is no usable manifest: {why}", "Prepare the data again.", inner: inner);
}
