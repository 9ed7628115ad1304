using System.Buffers.Binary;
using Google.Protobuf;
using Pellicle.Formats.Onnx.Wire;
using AttributeType = Pellicle.Formats.Onnx.Wire.AttributeProto.Types.AttributeType;

namespace Pellicle.Formats.Onnx;

/// <summary>Turns an <see cref="OnnxModel"/> into messages of the file format.</summary>
internal static class OnnxModelWriter
{
    /// <summary>Converts a model.</summary>
    public static ModelProto ToProto(OnnxModel model)
    {
        var proto = new ModelProto { IrVersion = model.IrVersion, ProducerName = model.Producer, DocString = model.Description, Graph = Graph(model.Graph) };
        proto.OpsetImport.Add(model.Opsets.Select(entry => new OperatorSetIdProto { Domain = entry.Key, Version = entry.Value }));
        proto.MetadataProps.Add(model.Metadata.Select(entry => new StringStringEntryProto { Key = entry.Key, Value = entry.Value }));
        return proto;
    }

    private static GraphProto Graph(OnnxGraph graph)
    {
        var proto = new GraphProto { Name = graph.Name.Length > 0 ? graph.Name : "graph" };
        proto.Node.Add(graph.Nodes.Select(Node));
        proto.Initializer.Add(graph.Initializers.Select(entry => Tensor(entry.Value, entry.Key)));
        proto.Input.Add(graph.Inputs.Select(Value));
        proto.Output.Add(graph.Outputs.Select(Value));
        return proto;
    }

    private static NodeProto Node(OnnxNode node)
    {
        var proto = new NodeProto { OpType = node.Operator, Name = node.Name, Domain = node.Domain };
        proto.Input.Add(node.Inputs);
        proto.Output.Add(node.Outputs);
        proto.Attribute.Add(node.Attributes.Select(entry => Attribute(entry.Key, entry.Value)));
        return proto;
    }

    private static AttributeProto Attribute(string name, object content)
    {
        var proto = new AttributeProto { Name = name };
        switch (content)
        {
            case long value:
                proto.Type = AttributeType.Int;
                proto.I = value;
                break;
            case float value:
                proto.Type = AttributeType.Float;
                proto.F = value;
                break;
            case string value:
                proto.Type = AttributeType.String;
                proto.S = ByteString.CopyFromUtf8(value);
                break;
            case OnnxTensor value:
                proto.Type = AttributeType.Tensor;
                proto.T = Tensor(value, string.Empty);
                break;
            case long[] values:
                proto.Type = AttributeType.Ints;
                proto.Ints.Add(values);
                break;
            case float[] values:
                proto.Type = AttributeType.Floats;
                proto.Floats.Add(values);
                break;
            case string[] values:
                proto.Type = AttributeType.Strings;
                proto.Strings.Add(values.Select(ByteString.CopyFromUtf8));
                break;
            default:
                throw new ArgumentException($"Attribute {name} holds a {content.GetType().Name}, which ONNX has no form for.", nameof(content));
        }

        return proto;
    }

    private static TensorProto Tensor(OnnxTensor tensor, string name)
    {
        var proto = new TensorProto { Name = name, DataType = (int)tensor.Type };
        proto.Dims.Add(tensor.Shape);
        proto.RawData = tensor.Type == OnnxElementType.Float32 ? ByteString.CopyFrom(tensor.FloatBytes) : UnsafeByteOperations.UnsafeWrap(Raw(tensor));
        return proto;
    }

    private static byte[] Raw(OnnxTensor tensor)
    {
        int size = OnnxElement.ByteCount(tensor.Type);
        var raw = new byte[checked(tensor.Count * size)];
        double[] reals = tensor.IsFloating ? tensor.ToDoubles() : [];
        ReadOnlySpan<long> integers = tensor.IsFloating ? [] : tensor.Integers;
        for (int i = 0; i < tensor.Count; i++)
        {
            Span<byte> at = raw.AsSpan(size * i);
            switch (tensor.Type)
            {
                case OnnxElementType.Float64:
                    BinaryPrimitives.WriteDoubleLittleEndian(at, reals[i]);
                    break;
                case OnnxElementType.Float16:
                    BinaryPrimitives.WriteHalfLittleEndian(at, (Half)reals[i]);
                    break;
                case OnnxElementType.BFloat16:
                    BinaryPrimitives.WriteUInt16LittleEndian(at, OnnxElement.ToBFloat16((float)reals[i]));
                    break;
                default:
                    for (int k = 0; k < size; k++)
                    {
                        at[k] = (byte)(integers[i] >> (8 * k));
                    }

                    break;
            }
        }

        return raw;
    }

    private static ValueInfoProto Value(OnnxValue value)
    {
        var proto = new ValueInfoProto { Name = value.Name };
        if (value.Type is { } type)
        {
            proto.Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = (int)type } };
            if (value.Shape is { } shape)
            {
                proto.Type.TensorType.Shape = new TensorShapeProto();
                proto.Type.TensorType.Shape.Dim.Add(shape.Select((size, i) => size >= 0
                    ? new TensorShapeProto.Types.Dimension { DimValue = size }
                    : new TensorShapeProto.Types.Dimension { DimParam = i == 0 ? "N" : $"d{i}" }));
            }
        }

        return proto;
    }
}
