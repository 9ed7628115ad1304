using Pellicle.Core.Errors;
using Pellicle.Data.Encodings;

namespace Pellicle.Data.Sources;

/// <summary>Opens the source of an address.</summary>
internal static class SourceOpener
{
    internal static ImageSource Open(SourceAddress address, DatasetOptions options)
    {
        bool hasTable = address.Kind is SourceKind.Pack or SourceKind.Csv or SourceKind.Synth or SourceKind.Json or SourceKind.Prepared or SourceKind.Encoded
            || (address.Kind == SourceKind.Dicom && DicomSource.HasTable(address.Path));
        if (!hasTable && (options.PatientColumn ?? options.LabelColumn ?? options.ImageColumn ?? options.SplitColumn ?? (options.AttributeColumns.Count > 0 ? options.AttributeColumns[0] : null)) is { } column)
        {
            throw new UsageException(
                $"the column '{column}' was named, but '{address.Path}' ({address.Kind.ToString().ToLowerInvariant()}:) has no table",
                "Leave the column options out, or write a CSV file with the columns file, label and patient and give it as csv:FILE.");
        }

        return address.Kind switch
        {
            SourceKind.Pack => new PackSource(address.Path, options),
            SourceKind.Folder => new FolderSource(address.Path, options),
            SourceKind.Csv => new CsvSource(address.Path, options),
            SourceKind.Npz => NpzSource.Open(address.Path, options),
            SourceKind.Idx => IdxSource.Open(address.Path, options),
            SourceKind.Dicom => DicomSource.Open(address.Path, options),
            SourceKind.Json => new JsonSource(address.Path, options),
            SourceKind.Prepared => new PreparedSource(address.Path, options),
            SourceKind.Encoded => new EncodedSource(address.Path, options),
            SourceKind.Synth => new SynthSource(address.Path, options),
            _ => throw new UsageException($"unknown kind of source '{address.Kind}'", "Give one of folder:, csv:, npz:, idx:, pack:, dicom:, json:, prepared:, encoded:, synth:."),
        };
    }
}
