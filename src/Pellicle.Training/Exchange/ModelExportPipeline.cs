using System.IO.Compression;
using Pellicle.Core.Errors;
using Pellicle.Core.Files;
using Pellicle.Formats.Onnx;
using Pellicle.Formats.Safetensors;
using Pellicle.Models;
using Pellicle.Native;
using Pellicle.Nn;
using Pellicle.Training.Runs;

namespace Pellicle.Training.Exchange;

/// <summary>Load the model → find its privacy statement → write the file → read it back and compare.</summary>
/// <param name="judge">Tells why a graph cannot be predicted under encryption; empty if it can.</param>
public sealed class ModelExportPipeline(Func<OnnxModel, IReadOnlyList<Problem>> judge)
{
    // ZIP keeps dates; a fixed one makes equal models equal files.
    private static readonly DateTimeOffset ZipDate = new(1980, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Exports a model.</summary>
    /// <param name="request">Model, form, file.</param>
    /// <exception cref="DataFormatException">There is no finished model, or it is damaged.</exception>
    /// <exception cref="PrivacyRefusedException">The model is private but its statement is missing.</exception>
    public ModelExportResult Run(ModelExportRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        NativeRuntime.Start(request.Threads);
        (string folder, _) = ModelFolder.Find(request.Model);
        (ImageClassifier model, ModelMetadata metadata) = ModelFolder.Load(request.Model);
        using (model)
        {
            ExportStatement statement = ExportStatement.Of(folder, metadata);
            string file = request.OutFile ?? Path.Combine(folder, "..", "export", "model" + Extension(request.Format));
            file = request.OutFile is null ? Path.GetRelativePath(Directory.GetCurrentDirectory(), file) : file;
            return request.Format switch
            {
                ModelFormat.Onnx => WriteOnnx(file, model, metadata, statement),
                ModelFormat.Safetensors => WriteSafetensors(file, model, metadata, statement),
                _ => WriteBundle(file, model, metadata, statement, folder),
            };
        }
    }

    private static string Extension(ModelFormat format) => format switch
    {
        ModelFormat.Onnx => ".onnx",
        ModelFormat.Safetensors => ".safetensors",
        _ => ".zip",
    };

    private ModelExportResult WriteOnnx(string file, ImageClassifier model, ModelMetadata metadata, ExportStatement statement)
    {
        var contract = new OnnxContract(metadata.Spec.ImageSize, metadata.Spec.Channels, metadata.Mean, metadata.Std, metadata.Classes) { Window = metadata.Window };
        Dictionary<string, string> texts = contract.ToMetadata();
        foreach ((string key, string value) in statement.ToMetadata(metadata))
        {
            texts[key] = value;
        }

        (OnnxModel written, double difference) = OnnxExport.Write(model, file, $"{statement.Paragraph} For {metadata.Use}.", texts);
        IReadOnlyList<Problem> problems = judge(written);
        return new ModelExportResult
        {
            Format = ModelFormat.Onnx,
            Files = [file],
            Operators = OperatorCount.Of(written),
            MpcReady = problems.Count == 0,
            MpcProblems = problems,
            MaxAbsDifference = difference,
            PrivacyStatement = statement.Paragraph,
        };
    }

    private static ModelExportResult WriteSafetensors(string file, ImageClassifier model, ModelMetadata metadata, ExportStatement statement)
    {
        model.Save(file, statement.ToMetadata(metadata));
        double difference = 0;
        using (SafetensorsFile written = SafetensorsFile.Read(file))
        {
            foreach (Parameter parameter in model.Parameters)
            {
                float[] values = written.ReadFloats(parameter.Name);
                ReadOnlySpan<float> own = parameter.Value.Data<float>();
                for (int i = 0; i < values.Length; i++)
                {
                    difference = Math.Max(difference, Math.Abs(values[i] - own[i]));
                }
            }
        }

        return new ModelExportResult { Format = ModelFormat.Safetensors, Files = [file], Operators = [], MpcReady = null, MaxAbsDifference = difference, PrivacyStatement = statement.Paragraph };
    }

    private ModelExportResult WriteBundle(string file, ImageClassifier model, ModelMetadata metadata, ExportStatement statement, string folder)
    {
        string onnx = file + ".onnx.tmp";
        try
        {
            ModelExportResult result = WriteOnnx(onnx, model, metadata, statement);
            AtomicFile.Write(file, stream =>
            {
                using var zip = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true);
                Add(zip, "model.onnx", File.ReadAllBytes(onnx));
                foreach (string name in new[] { "model.safetensors", "metadata.json", "README.md" })
                {
                    Add(zip, name, File.ReadAllBytes(Path.Combine(folder, name)));
                }

                if (statement.Json is { } json)
                {
                    Add(zip, "privacy.json", System.Text.Encoding.UTF8.GetBytes(json));
                }
            });
            return result with { Format = ModelFormat.Bundle, Files = [file] };
        }
        finally
        {
            File.Delete(onnx);
        }
    }

    private static void Add(ZipArchive zip, string name, byte[] content)
    {
        ZipArchiveEntry entry = zip.CreateEntry(name, CompressionLevel.NoCompression);
        entry.LastWriteTime = ZipDate;
        using Stream stream = entry.Open();
        stream.Write(content);
    }
}
