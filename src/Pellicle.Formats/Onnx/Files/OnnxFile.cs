using Google.Protobuf;
using Pellicle.Core.Errors;
using Pellicle.Core.Files;
using Pellicle.Formats.Bytes;
using Pellicle.Formats.Onnx.Wire;

namespace Pellicle.Formats.Onnx;

/// <summary>Reads and writes ONNX files.</summary>
/// <remarks>Files are treated as hostile: the nesting and the number of messages are bounded before anything is parsed, array lengths must agree with shapes, names must be
/// unique, the graph acyclic, and tensors kept outside the file must lie in the model's folder. Sub-graphs (If, Loop, Scan), sparse constants and strings are refused.</remarks>
public static class OnnxFile
{
    private const string DamagedHint = "The file is damaged or no ONNX model. Export it again.";

    /// <summary>Reads a model.</summary>
    /// <param name="path">An .onnx file.</param>
    /// <exception cref="DataFormatException">Missing, damaged, or with contents Pellicle does not work with; names node or tensor.</exception>
    public static OnnxModel Read(string path)
    {
        using ByteSource source = ByteSource.Open(path);
        return Read(source, Path.GetDirectoryName(Path.GetFullPath(path)));
    }

    /// <summary>Reads a model from a source.</summary>
    /// <param name="source">The file.</param>
    /// <param name="folder">Folder in which tensors outside the file may lie; null refuses them.</param>
    /// <exception cref="DataFormatException">Damaged, or with contents Pellicle does not work with; names node or tensor.</exception>
    public static OnnxModel Read(ByteSource source, string? folder = null)
    {
        ArgumentNullException.ThrowIfNull(source);
        byte[] bytes = source.ReadBytes(0, source.Length);
        OnnxWireCheck.CheckModel(bytes, source.Name);
        return new OnnxModelReader(source.Name, folder).Read(Parse(ModelProto.Parser, bytes, source.Name));
    }

    /// <summary>Reads a single serialised tensor (TensorProto), as test suites keep them.</summary>
    /// <param name="source">The file.</param>
    /// <exception cref="DataFormatException">Damaged, or of a type Pellicle does not read.</exception>
    public static OnnxTensor ReadTensor(ByteSource source)
    {
        ArgumentNullException.ThrowIfNull(source);
        TensorProto proto = Parse(TensorProto.Parser, source.ReadBytes(0, source.Length), source.Name);
        return new OnnxTensorReader(source.Name, null).Read(proto, $"tensor '{proto.Name}'");
    }

    /// <summary>Writes a model atomically. The same model gives the same bytes.</summary>
    /// <param name="path">Final path; its folder is created.</param>
    /// <param name="model">The model.</param>
    /// <exception cref="EnvironmentException">The folder is read-only or the disk is full.</exception>
    public static void Write(string path, OnnxModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        ModelProto proto = OnnxModelWriter.ToProto(model);
        AtomicFile.Write(path, stream => proto.WriteTo(stream));
    }

    /// <summary>The bytes that <see cref="Write"/> puts into a file.</summary>
    /// <param name="model">The model.</param>
    public static byte[] ToBytes(OnnxModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        return OnnxModelWriter.ToProto(model).ToByteArray();
    }

    private static T Parse<T>(MessageParser<T> parser, byte[] bytes, string name)
        where T : IMessage<T>
    {
        try
        {
            return parser.ParseFrom(bytes);
        }
        catch (InvalidProtocolBufferException e)
        {
            throw new DataFormatException($"{name}: is no valid ONNX file: {e.Message}", DamagedHint, inner: e);
        }
    }
}
