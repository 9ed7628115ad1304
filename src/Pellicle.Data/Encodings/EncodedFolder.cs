using System.Numerics;
using Pellicle.Core.Errors;
using Pellicle.Core.Files;
using Pellicle.Data.Sources;
using Pellicle.Formats.Npy;
using Pellicle.Formats.Safetensors;

namespace Pellicle.Data.Encodings;

/// <summary>One public folder opened for reading: labels in memory, encodings read when asked for, by many threads.</summary>
/// <remarks>Needs neither pictures nor key. NPY files are read in C and Fortran order, versions 1 to 3: the reference's linear encoder writes Fortran order.
/// Memory grows with the labels, about 100 bytes an image, never with the encodings.</remarks>
public sealed class EncodedFolder : IDisposable
{
    private const string LabelsFile = "labels.csv";

    private readonly EncodedIndex _index;
    private readonly List<SafetensorsFile> _shards = [];
    private readonly Dictionary<string, (int Shard, string? Npy)> _places = new(StringComparer.Ordinal);
    private readonly float[]? _scale;

    /// <summary>Opens a folder.</summary>
    /// <param name="folder">The public folder.</param>
    /// <exception cref="DataFormatException">No usable manifest or files.</exception>
    public EncodedFolder(string folder)
    {
        Folder = folder;
        _index = EncodedIndex.Read(folder);
        try
        {
            for (int i = 0; i < _index.Shards.Count; i++)
            {
                Open(_index.Shards[i], i);
            }

            _scale = _index.Dtype == "int8" ? ReadScale(_index.Scale!) : null;
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>The public folder.</summary>
    public string Folder { get; }

    /// <summary>[patches, hidden].</summary>
    public IReadOnlyList<int> Shape => _index.Shape;

    /// <summary>Opaque ids of all encodings.</summary>
    public IReadOnlyCollection<string> Ids => _places.Keys;

    internal EncodedPictures Pictures => _index.Preprocessing!;

    internal bool IsLinear => _index.ArchitecturePublic?.Kind == "linear";

    internal bool IsSynthetic => _index.IsSynthetic;

    /// <summary>Reads an encoding.</summary>
    /// <param name="id">One of <see cref="Ids"/>.</param>
    /// <param name="destination">patches · hidden numbers.</param>
    /// <exception cref="DataFormatException">Truncated, of another shape or type, or with a number that is not finite.</exception>
    public void Read(string id, Span<float> destination)
    {
        (int shard, string? npy) = _places[id];
        if (npy is not null)
        {
            ReadNpy(npy, destination);
        }
        else
        {
            _shards[shard].ReadFloats(id, destination);
        }

        if (_scale is not null)
        {
            for (int i = 0; i < destination.Length; i++)
            {
                destination[i] *= _scale[i % _scale.Length];
            }
        }

        if (!AreFinite(destination))
        {
            throw new DataFormatException($"the encoding '{id}' in '{Folder}' holds numbers that are not finite.", "The file is damaged: copy the release again, or check it with 'encode verify'.");
        }
    }

    /// <summary>Changes when the file with the encoding does.</summary>
    internal string Stamp(string id) => _places[id] is { Npy: { } npy } ? _index.Shards[_places[id].Shard].Sha256 + npy.Length : _index.Shards[_places[id].Shard].Sha256;

    /// <inheritdoc/>
    public void Dispose() => _shards.ForEach(shard => shard.Dispose());

    // 0 · x is 0 for finite x and NaN otherwise, and a sum keeps a NaN.
    private static bool AreFinite(ReadOnlySpan<float> values)
    {
        Vector<float> sum = Vector<float>.Zero;
        int i = 0;
        for (; i <= values.Length - Vector<float>.Count; i += Vector<float>.Count)
        {
            sum += new Vector<float>(values[i..]) * 0f;
        }

        float rest = Vector.Sum(sum);
        for (; i < values.Length; i++)
        {
            rest += values[i] * 0f;
        }

        return rest == 0;
    }

    private void Open(EncodedFile file, int number)
    {
        string path = Path.Combine(Folder, file.File);
        if (path.EndsWith(".npy", StringComparison.OrdinalIgnoreCase))
        {
            if (!File.Exists(path))
            {
                throw new DataFormatException($"'{path}' does not exist, but the manifest names it.", "Copy the release again.");
            }

            _places.Add(Path.GetFileNameWithoutExtension(path), (number, path));
            return;
        }

        SafetensorsFile shard = SafetensorsFile.Read(path);
        _shards.Add(shard);
        if (shard.Entries.Count != file.Count)
        {
            throw new DataFormatException($"'{path}' holds {shard.Entries.Count} encodings; its manifest says {file.Count}.", "Copy the release again.");
        }

        string type = _index.Dtype == "int8" ? "I8" : _index.Dtype.ToUpperInvariant();
        foreach ((string id, SafetensorsEntry entry) in shard.Entries)
        {
            if (entry.DType != type || entry.Shape.Length != 2 || entry.Shape[0] != Shape[0] || entry.Shape[1] != Shape[1])
            {
                throw new DataFormatException($"'{path}': the encoding '{id}' is {entry.DType} of shape [{string.Join(", ", entry.Shape)}]; the manifest says {type} of [{string.Join(", ", Shape)}].", "Copy the release again.");
            }

            if (!_places.TryAdd(id, (_shards.Count - 1, null)))
            {
                throw new DataFormatException($"'{path}': the encoding '{id}' is there twice.", "Copy the release again.");
            }
        }
    }

    private void ReadNpy(string path, Span<float> destination)
    {
        NpyArray array = NpyFile.Read(path);
        if (!array.IsFloatingPoint || !array.Shape.SequenceEqual(Shape.Select(s => (long)s)))
        {
            throw new DataFormatException($"'{path}' is {array.Type} of shape ({string.Join(", ", array.Shape)}); the manifest says floats of ({string.Join(", ", Shape)}).", "Copy the release again.");
        }

        array.ToFloats().CopyTo(destination);
    }

    private float[] ReadScale(EncodedFile file)
    {
        string path = Path.Combine(Folder, file.File);
        RequireHash(path, file.Sha256);
        NpyArray array = NpyFile.Read(path);
        return array.IsFloatingPoint && array.Shape.Count == 1 && array.Shape[0] == Shape[1]
            ? array.ToFloats()
            : throw new DataFormatException($"'{file.File}' in '{Folder}' is no scale of {Shape[1]} numbers.", "Copy the release again.");
    }

    // Shards are too large to be hashed at every start; 'encode verify' and 'encode merge' do it.
    private static void RequireHash(string path, string sha256)
    {
        if (!FileHash.Matches(path, sha256))
        {
            throw new DataFormatException($"'{path}' is missing or is not the file of its manifest (SHA-256 differs).", "Copy the release again, or find out who changed it.");
        }
    }

    /// <summary>Reads labels.csv.</summary>
    /// <param name="problems">Takes what is wrong with single rows.</param>
    /// <exception cref="DataFormatException">Missing, without labels, or not the file of the manifest.</exception>
    internal IReadOnlyList<EncodedRow> ReadLabels(ProblemList problems)
    {
        string path = Path.Combine(Folder, LabelsFile);
        if (!File.Exists(path))
        {
            throw new DataFormatException($"'{path}' does not exist.", "Give the public folder of 'encode run'.");
        }

        if (_index.LabelsSha256 is { } expected)
        {
            RequireHash(path, expected);
        }

        CsvTable.CheckSize(new FileInfo(path).Length, path);
        CsvTable table = CsvTable.Parse(File.ReadAllBytes(path), path);
        (int id, int split, int label) = (table.IndexOf("id"), table.IndexOf("split"), table.IndexOf("label"));
        if (id < 0 || split < 0 || label < 0)
        {
            throw new DataFormatException(
                $"'{path}' has the columns {string.Join(", ", table.Columns)}; training needs id, split and label.",
                "Ask the owner for labels: 'encode run --labels publish' writes them.");
        }

        var rows = new List<EncodedRow>(table.Rows.Count);
        for (int i = 0; i < table.Rows.Count; i++)
        {
            string[] row = table.Rows[i];
            if (!_places.ContainsKey(row[id]))
            {
                problems.Add($"{path}, line {table.Lines[i]}", $"the encoding '{row[id]}' is in no file of the release", "Copy the release again.");
            }
            else if (!SplitName.TryParse(row[split], out string name))
            {
                problems.Add($"{path}, line {table.Lines[i]}", $"split '{row[split]}'; expected train, validation or test", "Copy the release again.");
            }
            else
            {
                rows.Add(new EncodedRow(row[id], name, row[label]));
            }
        }

        return rows;
    }
}

/// <summary>A row of labels.csv.</summary>
/// <param name="Id">Opaque.</param>
/// <param name="Split">train, validation or test.</param>
/// <param name="Label">Class.</param>
internal sealed record EncodedRow(string Id, string Split, string Label);
