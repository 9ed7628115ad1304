using Pellicle.Core.Errors;
using Pellicle.Formats.Onnx;
using Pellicle.Mpc.Compiler.Layers;

namespace Pellicle.Mpc.Compiler.Reading;

/// <summary>Pictures made larger by repeating pixels, and channels that become pixels: rearrangements, without messages.</summary>
internal static class SpatialReading
{
    private const string Remedy = "Use nearest neighbours and a whole factor.";

    /// <summary>Resize and Upsample by whole factors with nearest neighbours.</summary>
    public static void Resize(GraphReading graph, OnnxNode node)
    {
        IReadOnlyList<long> shape = graph.Shape(node.Inputs[0]), larger = graph.Shape(node.Outputs[0]);
        string Text(string attribute, string otherwise) => node.Attributes.GetValueOrDefault(attribute) as string ?? otherwise;
        bool isWhole = shape.Count == larger.Count && shape.Zip(larger, (from, to) => to % from == 0).All(divides => divides);
        if (Text("mode", "nearest") != "nearest" || !isWhole)
        {
            throw GraphReading.Refuse(node, $"a picture of [{string.Join(", ", shape)}] as one of [{string.Join(", ", larger)}] by '{Text("mode", "nearest")}' has no rule in this version", Remedy);
        }

        // Where centres are aligned by halves, every way to round gives the pixel that is repeated; else only rounding down does.
        long factor = shape.Zip(larger, (from, to) => to / from).Max();
        string alignment = Text("coordinate_transformation_mode", node.Operator == "Upsample" || graph.Opset < 11 ? "asymmetric" : "half_pixel");
        string rounding = Text("nearest_mode", node.Operator == "Upsample" || graph.Opset < 11 ? "floor" : "round_prefer_floor");
        bool repeats = alignment switch
        {
            "half_pixel" or "half_pixel_symmetric" => rounding is "round_prefer_floor" or "round_prefer_ceil",
            "asymmetric" => rounding == "floor" || (factor <= 2 && rounding == "round_prefer_floor"),
            _ => false,
        };
        if (!repeats)
        {
            throw GraphReading.Refuse(node, $"nearest neighbours with '{alignment}' and '{rounding}' have no rule in this version", "Export with coordinate_transformation_mode asymmetric and nearest_mode floor.");
        }

        int[] strides = IndexReading.Strides(shape);
        var axes = new List<IndexAxis>();
        for (int axis = 0; axis < shape.Count; axis++)
        {
            axes.Add(new IndexAxis((int)shape[axis], strides[axis]));
            axes.Add(new IndexAxis((int)(larger[axis] / shape[axis]), 0));
        }

        Add(graph, node, axes);
    }

    /// <summary>[N, C·b², H, W] becomes [N, C, H·b, W·b].</summary>
    public static void DepthToSpace(GraphReading graph, OnnxNode node)
    {
        IReadOnlyList<long> shape = graph.Shape(node.Inputs[0]);
        int block = (int)(node.Attributes.GetValueOrDefault("blocksize") as long? ?? 1), plane = (int)(shape[2] * shape[3]), channels = (int)shape[1] / (block * block);
        bool isDepthFirst = (node.Attributes.GetValueOrDefault("mode") as string ?? "DCR") == "DCR";
        (int channel, int row, int column) = isDepthFirst ? (plane, block * channels * plane, channels * plane) : (block * block * plane, block * plane, plane);
        Add(graph, node, [new(channels, channel), new((int)shape[2], (int)shape[3]), new(block, row), new((int)shape[3], 1), new(block, column)]);
    }

    /// <summary>[N, C, H·b, W·b] becomes [N, C·b², H, W].</summary>
    public static void SpaceToDepth(GraphReading graph, OnnxNode node)
    {
        IReadOnlyList<long> shape = graph.Shape(node.Inputs[0]);
        int block = (int)(node.Attributes.GetValueOrDefault("blocksize") as long? ?? 1), width = (int)shape[3];
        Add(graph, node, [new(block, width), new(block, 1), new((int)shape[1], (int)(shape[2] * shape[3])), new((int)shape[2] / block, block * width), new(width / block, block)]);
    }

    /// <summary>A result repeated along axes of one element.</summary>
    public static void Expand(GraphReading graph, OnnxNode node)
    {
        int expanded = IndexReading.Broadcast(graph, node, node.Inputs[0]);
        if (expanded == graph.Input(node))
        {
            graph.Rename(node);
        }
        else
        {
            graph.Make(node, expanded);
        }
    }

    private static void Add(GraphReading graph, OnnxNode node, IReadOnlyList<IndexAxis> axes)
    {
        try
        {
            graph.Add(node, new IndexLayer(GraphReading.NameOf(node), graph.Input(node), node.Operator, new IndexMap(graph.Count(node.Inputs[0]), 0, axes)));
        }
        catch (ArgumentException e)
        {
            throw new DataFormatException($"{node.DisplayName}: {e.Message}", Remedy, inner: e);
        }
    }
}
