using Pellicle.Core.Errors;
using Pellicle.Formats.Onnx.Wire;
using AttributeType = Pellicle.Formats.Onnx.Wire.AttributeProto.Types.AttributeType;

namespace Pellicle.Formats.Onnx;

/// <summary>Turns a parsed file into an <see cref="OnnxModel"/>.</summary>
/// <param name="file">Name of the file, for messages.</param>
/// <param name="folder">Where tensors outside the file may lie; null refuses them.</param>
internal sealed class OnnxModelReader(string file, string? folder)
{
    private const int OldestIrVersion = 3;

    private readonly OnnxTensorReader _tensors = new(file, folder);

    /// <summary>Checks and converts.</summary>
    /// <param name="proto">As parsed.</param>
    public OnnxModel Read(ModelProto proto)
    {
        if (proto.Graph is null || proto.IrVersion < OldestIrVersion)
        {
            throw new DataFormatException(
                proto.Graph is null ? $"{file}: holds no graph." : $"{file}: has version {proto.IrVersion} of the file format; expected {OldestIrVersion} or later.",
                "Export the model again, with a recent exporter.");
        }

        return new OnnxModel
        {
            IrVersion = proto.IrVersion,
            Opsets = Opsets(proto),
            Producer = $"{proto.ProducerName} {proto.ProducerVersion}".Trim(),
            Description = proto.DocString,
            Metadata = proto.MetadataProps.GroupBy(entry => entry.Key).ToDictionary(group => group.Key, group => group.Last().Value),
            Graph = OnnxGraphCheck.Check(Graph(proto.Graph), file),
        };
    }

    private Dictionary<string, long> Opsets(ModelProto proto)
    {
        var opsets = new Dictionary<string, long>();
        foreach (OperatorSetIdProto entry in proto.OpsetImport)
        {
            if (entry.Version is < 1 or > 10_000 || !opsets.TryAdd(Domain(entry.Domain), entry.Version))
            {
                throw new DataFormatException($"{file}: names operator set '{entry.Domain}' in version {entry.Version}, out of range or a second time.", "Export the model again.");
            }
        }

        return opsets;
    }

    private OnnxGraph Graph(GraphProto graph)
    {
        if (graph.SparseInitializer.Count > 0)
        {
            throw new DataFormatException($"{file}: has sparse constants, which Pellicle does not read.", "Export the model with dense weights.");
        }

        var constants = new Dictionary<string, OnnxTensor>();
        foreach (TensorProto tensor in graph.Initializer)
        {
            if (tensor.Name.Length == 0 || !constants.TryAdd(tensor.Name, _tensors.Read(tensor, $"constant '{tensor.Name}'")))
            {
                throw new DataFormatException($"{file}: has two constants called '{tensor.Name}', or one without a name.", "Export the model again.");
            }
        }

        return new OnnxGraph
        {
            Name = graph.Name,
            Inputs = [.. graph.Input.Where(value => !constants.ContainsKey(value.Name)).Select(Value)],
            Outputs = [.. graph.Output.Select(Value)],
            Initializers = constants,
            Nodes = [.. graph.Node.Select(Node)],
        };
    }

    private OnnxNode Node(NodeProto proto)
    {
        var node = new OnnxNode
        {
            Operator = proto.OpType,
            Name = proto.Name,
            Domain = Domain(proto.Domain),
            Inputs = [.. proto.Input],
            Outputs = [.. proto.Output],
        };
        if (node.Operator is "If" or "Loop" or "Scan" or "SequenceMap" || node.Operator.Length == 0)
        {
            throw new DataFormatException($"{file}: {node.DisplayName} has graphs inside or no operator; expected a graph without control flow.", "Export the model for one fixed input size, without control flow.");
        }

        var attributes = new Dictionary<string, object>();
        foreach (AttributeProto attribute in proto.Attribute)
        {
            if (!attributes.TryAdd(attribute.Name, Value(attribute, node)))
            {
                throw new DataFormatException($"{file}: {node.DisplayName} has the attribute '{attribute.Name}' twice.", "Export the model again.");
            }
        }

        return node with { Attributes = attributes };
    }

    private object Value(AttributeProto attribute, OnnxNode node)
    {
        AttributeType type = attribute.Type != AttributeType.Undefined ? attribute.Type : Guess(attribute);
        return attribute.RefAttrName.Length > 0 ? throw Bad(attribute, node) : type switch
        {
            AttributeType.Int => attribute.I,
            AttributeType.Float => attribute.F,
            AttributeType.String => attribute.S.ToStringUtf8(),
            AttributeType.Ints => attribute.Ints.ToArray(),
            AttributeType.Floats => attribute.Floats.ToArray(),
            AttributeType.Strings => attribute.Strings.Select(text => text.ToStringUtf8()).ToArray(),
            AttributeType.Tensor when attribute.T is not null => _tensors.Read(attribute.T, $"attribute '{attribute.Name}' of {node.DisplayName}"),
            _ => throw Bad(attribute, node),
        };
    }

    // Files of format 1 and 2 leave the type out; some writers still do.
    private static AttributeType Guess(AttributeProto attribute) =>
        attribute.HasI ? AttributeType.Int
        : attribute.HasF ? AttributeType.Float
        : attribute.HasS ? AttributeType.String
        : attribute.T is not null ? AttributeType.Tensor
        : attribute.Ints.Count > 0 ? AttributeType.Ints
        : attribute.Floats.Count > 0 ? AttributeType.Floats
        : attribute.Strings.Count > 0 ? AttributeType.Strings
        : AttributeType.Undefined;

    private DataFormatException Bad(AttributeProto attribute, OnnxNode node) => new(
        $"{file}: attribute '{attribute.Name}' of {node.DisplayName} is {attribute.Type.ToString().ToLowerInvariant()}; expected a number, a text, a tensor, or a list of numbers or texts.",
        "Export the model without control flow and functions.");

    private static OnnxValue Value(ValueInfoProto value)
    {
        TypeProto.Types.Tensor? tensor = value.Type?.TensorType;
        var type = (OnnxElementType)(tensor?.ElemType ?? 0);
        return new OnnxValue(
            value.Name,
            OnnxElement.IsKnown(type) ? type : null,
            tensor?.Shape is { } shape ? [.. shape.Dim.Select(dim => dim.HasDimValue && dim.DimValue >= 0 ? dim.DimValue : -1)] : null);
    }

    private static string Domain(string domain) => domain == "ai.onnx" ? string.Empty : domain;
}
