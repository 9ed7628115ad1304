using Pellicle.Core.Errors;
using Pellicle.Formats.Bytes;
using Pellicle.Formats.Zip;

namespace Pellicle.Formats.Npy;

/// <summary>Reads the named arrays of a .npz file (a ZIP of .npy files) in place, by many threads at once.</summary>
public sealed class NpzArchive : IDisposable
{
    private const string Suffix = ".npy";
    private readonly ZipEntries _zip;
    private readonly Dictionary<string, ZipEntry> _arrays = new(StringComparer.Ordinal);

    private NpzArchive(ZipEntries zip)
    {
        _zip = zip;
        foreach (ZipEntry entry in zip.Entries)
        {
            if (entry.Name.EndsWith(Suffix, StringComparison.Ordinal))
            {
                _arrays.Add(entry.Name[..^Suffix.Length], entry);
            }
        }
    }

    /// <summary>Path of the file, for messages.</summary>
    public string Name => _zip.Name;

    /// <summary>Names of the arrays in the order of the file, without ".npy".</summary>
    public IReadOnlyCollection<string> Names => _arrays.Keys;

    /// <summary>Opens a file and checks its directory.</summary>
    /// <param name="path">Path of the file.</param>
    /// <param name="limits">What it may claim; null for <see cref="ZipLimits.Default"/>.</param>
    /// <exception cref="DataFormatException">Missing, not a ZIP, damaged, hostile, or without arrays.</exception>
    public static NpzArchive Open(string path, ZipLimits? limits = null) => Own(ZipEntries.Open(path, limits));

    /// <summary>Checks the directory of a file.</summary>
    /// <param name="source">The file; owned by the result from now on.</param>
    /// <param name="limits">What it may claim; null for <see cref="ZipLimits.Default"/>.</param>
    /// <exception cref="DataFormatException">Not a ZIP, damaged, hostile, or without arrays.</exception>
    public static NpzArchive Open(ByteSource source, ZipLimits? limits = null) => Own(ZipEntries.Open(source, limits));

    /// <summary>True if there is an array of this name.</summary>
    /// <param name="name">Name without ".npy".</param>
    public bool Contains(string name) => _arrays.ContainsKey(name);

    /// <summary>Type and shape of an array, without reading its data.</summary>
    /// <param name="name">Name without ".npy".</param>
    /// <exception cref="DataFormatException">No such array, or its header is damaged.</exception>
    public NpyHeader ReadHeader(string name)
    {
        ZipEntry entry = Find(name);
        byte[] start = _zip.ReadStart(entry, 12 + NpyHeaderParser.MaxHeaderBytes);
        return NpyFile.ReadHeader(ByteSource.FromMemory(start, $"{Name}, array '{name}'"));
    }

    /// <summary>Reads a whole array and verifies its checksum.</summary>
    /// <param name="name">Name without ".npy".</param>
    /// <exception cref="DataFormatException">No such array, damaged, or an unsupported type; names file and array.</exception>
    public NpyArray Read(string name)
    {
        byte[] content = _zip.Read(Find(name));
        return NpyFile.Read(ByteSource.FromMemory(content, $"{Name}, array '{name}'"));
    }

    /// <inheritdoc/>
    public void Dispose() => _zip.Dispose();

    private static NpzArchive Own(ZipEntries zip)
    {
        var archive = new NpzArchive(zip);
        if (archive._arrays.Count > 0)
        {
            return archive;
        }

        zip.Dispose();
        throw new DataFormatException($"{zip.Name}: holds no .npy entry; expected an archive written by numpy.savez.", "Check the file with 'unzip -l'.");
    }

    private ZipEntry Find(string name) => _arrays.TryGetValue(name, out ZipEntry? entry)
        ? entry
        : throw new DataFormatException(
            $"{Name}: has no array '{name}'; it has {string.Join(", ", _arrays.Keys.Take(20).Select(key => $"'{key}'"))}{(_arrays.Count > 20 ? ", …" : string.Empty)}.",
            "Check the file; the MedMNIST layout has train_images, train_labels, val_* and test_*.");
}
