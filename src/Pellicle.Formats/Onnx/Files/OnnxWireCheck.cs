using Pellicle.Core.Errors;

namespace Pellicle.Formats.Onnx;

/// <summary>Walks the bytes of a model before they are parsed and bounds what parsing them may cost: a message of two bytes would become an object of a hundred.</summary>
internal static class OnnxWireCheck
{
    private const int MaxNodes = 1_000_000;
    private const int MaxMessages = 4_000_000;

    private enum Kind
    {
        Other,
        Model,
        Graph,
        Node,
        Attribute,
        Value,
    }

    /// <summary>Checks a serialised ModelProto.</summary>
    /// <param name="bytes">The file.</param>
    /// <param name="name">Name of the file, for messages.</param>
    /// <exception cref="DataFormatException">More nodes or messages than allowed, or lengths that leave the file.</exception>
    public static void CheckModel(ReadOnlySpan<byte> bytes, string name)
    {
        var budget = new Budget(name);
        Walk(bytes, Kind.Model, ref budget);
    }

    // Field numbers as in onnx.proto. Only kinds that can hold many small messages are entered.
    private static Kind Inside(Kind kind, int field) => (kind, field) switch
    {
        (Kind.Model, 7) => Kind.Graph,
        (Kind.Graph, 1) => Kind.Node,
        (Kind.Graph, 11 or 12) => Kind.Value,
        (Kind.Node, 5) => Kind.Attribute,
        _ => Kind.Other,
    };

    private static void Walk(ReadOnlySpan<byte> bytes, Kind kind, ref Budget budget)
    {
        int at = 0;
        while (at < bytes.Length)
        {
            ulong tag = Varint(bytes, ref at, budget);
            switch (tag & 7)
            {
                case 0:
                    Varint(bytes, ref at, budget);
                    break;
                case 1:
                    at = Skip(bytes, at, 8, budget);
                    break;
                case 2:
                    ulong length = Varint(bytes, ref at, budget);
                    int end = Skip(bytes, at, length, budget);
                    Kind inside = Inside(kind, (int)Math.Min(tag >> 3, 1 << 20));
                    budget.Spend(inside == Kind.Node);
                    if (inside != Kind.Other)
                    {
                        Walk(bytes[at..end], inside, ref budget);
                    }

                    at = end;
                    break;
                case 5:
                    at = Skip(bytes, at, 4, budget);
                    break;
                default:
                    throw Damaged(budget);
            }
        }
    }

    private static int Skip(ReadOnlySpan<byte> bytes, int at, ulong length, Budget budget) =>
        length > (ulong)(bytes.Length - at) ? throw Damaged(budget) : at + (int)length;

    private static ulong Varint(ReadOnlySpan<byte> bytes, ref int at, Budget budget)
    {
        ulong value = 0;
        for (int shift = 0; shift < 70 && at < bytes.Length; shift += 7)
        {
            byte b = bytes[at++];
            value |= (ulong)(b & 0x7F) << (shift & 63);
            if (b < 0x80)
            {
                return value;
            }
        }

        throw Damaged(budget);
    }

    private static DataFormatException Damaged(Budget budget) =>
        new($"{budget.Name}: is no valid ONNX file: a length or a number runs over the end of what it belongs to.", "The file is damaged or no ONNX model. Export it again.");

    private struct Budget(string name)
    {
        private int _nodes;
        private int _messages;

        public string Name { get; } = name;

        public void Spend(bool isNode)
        {
            _nodes += isNode ? 1 : 0;
            if (_nodes > MaxNodes || ++_messages > MaxMessages)
            {
                throw new DataFormatException(
                    $"{Name}: has more than {MaxNodes} nodes or {MaxMessages} names, attributes and constants. Expected a network of usual size.",
                    "Simplify the graph before exporting it.");
            }
        }
    }
}
