using Pellicle.Core.Errors;
using Pellicle.Data.Encodings;
using Pellicle.Formats.Zip;

namespace Pellicle.Data.Sources;

/// <summary>A source text taken apart: "kind:path", or a bare path whose kind is found from its content.</summary>
/// <param name="Kind">Kind of source.</param>
/// <param name="Path">Path, or the kind of synthetic images.</param>
internal readonly record struct SourceAddress(SourceKind Kind, string Path)
{
    private const string Kinds = "folder:DIR, csv:FILE, npz:FILE, idx:DIR|ZIP, pack:ZIP, dicom:DIR|ZIP, json:FILE, prepared:DIR, encoded:DIR, synth:KIND";

    /// <exception cref="UsageException">An unknown or unavailable kind.</exception>
    /// <exception cref="DataFormatException">The path does not exist or its kind cannot be told.</exception>
    internal static SourceAddress Parse(string source)
    {
        int colon = source.IndexOf(':');
        if (colon > 1 && source[..colon].All(char.IsAsciiLetter) && !Exists(source))
        {
            string word = source[..colon];
            string rest = source[(colon + 1)..];
            if (!Enum.TryParse(word, ignoreCase: true, out SourceKind kind))
            {
                string near = Nearest.Of(word, Enum.GetNames<SourceKind>()) is { } name ? $"Did you mean '{name.ToLowerInvariant()}:'?" : "A path with a colon can be written ./PATH.";
                throw new UsageException($"unknown kind of source '{word}:'; expected one of {Kinds}", near);
            }

            return rest.Length == 0 ? throw new UsageException($"the source '{source}' names nothing after the colon; expected one of {Kinds}", "Give the path of the data.") : Check(new SourceAddress(kind, rest));
        }

        return source.Length == 0
            ? throw new UsageException($"the source is empty; expected a path or one of {Kinds}", "Give the path of the data.")
            : new SourceAddress(Guess(source), source);
    }

    private static bool Exists(string path) => File.Exists(path) || Directory.Exists(path);

    private static SourceAddress Check(SourceAddress address)
    {
        bool fits = address.Kind switch
        {
            SourceKind.Synth => true,
            SourceKind.Folder or SourceKind.Prepared or SourceKind.Encoded => Directory.Exists(address.Path),
            SourceKind.Idx or SourceKind.Dicom => Exists(address.Path),
            _ => File.Exists(address.Path),
        };
        if (!fits)
        {
            bool isOther = Exists(address.Path);
            throw new DataFormatException(
                isOther ? $"'{address.Path}' is a {(Directory.Exists(address.Path) ? "folder" : "file")}; {address.Kind.ToString().ToLowerInvariant()}: expects a {(address.Kind is SourceKind.Folder or SourceKind.Prepared or SourceKind.Encoded ? "folder" : "file")}" : $"'{address.Path}' does not exist",
                isOther ? "Give the bare path: its kind is found from its content." : "Check the path; relative paths start at the current folder.");
        }

        return address;
    }

    private static SourceKind Guess(string path)
    {
        if (Directory.Exists(path))
        {
            return PreparedSource.IsIn(path) ? EncodedIndex.IsIn(path) ? SourceKind.Encoded : SourceKind.Prepared : IdxSource.IsIn(path) ? SourceKind.Idx : SourceKind.Folder;
        }

        if (!File.Exists(path))
        {
            throw new DataFormatException($"'{path}' does not exist", $"Check the path, or write the source as one of {Kinds}.");
        }

        byte[] start = ReadStart(path);
        if (ZipEntries.LooksLikeZip(start))
        {
            return GuessZip(path);
        }

        if (System.IO.Path.GetExtension(path).ToLowerInvariant() is ".csv" or ".tsv" or ".txt")
        {
            return SourceKind.Csv;
        }

        if (System.IO.Path.GetExtension(path).Equals(".json", StringComparison.OrdinalIgnoreCase))
        {
            return SourceKind.Json;
        }

        throw new DataFormatException($"'{path}' is neither a ZIP, an NPZ, a CSV file nor a folder", $"Write the source as one of {Kinds}.");
    }

    private static SourceKind GuessZip(string path)
    {
        using var zip = ZipEntries.Open(path);
        if (zip.TryFind(PackSource.TableName, out _))
        {
            return SourceKind.Pack;
        }

        if (zip.Entries.Any(e => e.Name.EndsWith(".npy", StringComparison.Ordinal)))
        {
            return SourceKind.Npz;
        }

        return IdxSource.IsIn(zip)
            ? SourceKind.Idx
            : throw new DataFormatException($"'{path}' is a ZIP without {PackSource.TableName}, NumPy arrays or IDX files", "Pack the pictures together with labels.csv (columns file, label, split), or unpack them and give the folder.");
    }

    private static byte[] ReadStart(string path)
    {
        try
        {
            using FileStream stream = File.OpenRead(path);
            var start = new byte[8];
            return start[..stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false)];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DataFormatException($"'{path}' cannot be read: {e.Message.Split('\n')[0]}", "Check the permissions.", inner: e);
        }
    }
}
