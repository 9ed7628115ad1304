using Pellicle.Core.Errors;
using Pellicle.Formats.Zip;

namespace Pellicle.Data.Sources;

/// <summary>DICOM files: a folder or ZIP with <c>labels.csv</c>, or a folder with one subfolder per class.</summary>
/// <remarks>Classes, patients and splits come from the table or the folders only. DICOM files hold names and ids too, but no tag enters a data set.</remarks>
internal static class DicomSource
{
    internal static bool HasTable(string path) => File.Exists(path) || File.Exists(TableOf(path));

    internal static ImageSource Open(string path, DatasetOptions options)
    {
        if (File.Exists(path))
        {
            return IsZip(path)
                ? new PackSource(path, options, SourceKind.Dicom)
                : throw new DataFormatException($"'{path}' is a single file; dicom: expects a folder, or a ZIP with {PackSource.TableName}", "Give the folder; a single image is predicted with 'pellicle predict MODEL FILE'.");
        }

        return File.Exists(TableOf(path)) ? new CsvSource(TableOf(path), options, SourceKind.Dicom) : new FolderSource(path, options, SourceKind.Dicom);
    }

    private static string TableOf(string folder) => Path.Combine(folder, PackSource.TableName);

    private static bool IsZip(string path)
    {
        using FileStream stream = File.OpenRead(path);
        Span<byte> start = stackalloc byte[8];
        return ZipEntries.LooksLikeZip(start[..stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false)]);
    }
}
