using Pellicle.Formats.Onnx;
using Pellicle.Mpc.Compiler.Layers;

namespace Pellicle.Mpc.Compiler.Reading;

/// <summary>Group and instance normalisation, together with the reshape, scale and shift that exporters write behind an InstanceNormalization to make a group normalisation of it.</summary>
internal static class NormalizationReading
{
    public static void Read(GraphReading graph, OnnxNode node)
    {
        IReadOnlyList<long> shape = graph.Shape(node.Inputs[0]);
        if (shape is not [1, _, _, ..])
        {
            throw GraphReading.Refuse(node, $"a normalisation of [{string.Join(", ", shape)}] has no rule in this version", "Export the model for one image.");
        }

        int count = graph.Count(node.Inputs[0]), channels = (int)shape[1];
        int groups = node.Operator == "GroupNormalization" ? (int)(node.Attributes.GetValueOrDefault("num_groups") as long? ?? 1) : channels;
        float[] scale = Spread(graph.Constant(node, 1).ToFloats(), channels);
        float[] shift = Spread(graph.Constant(node, 2).ToFloats(), channels);
        OnnxNode last = node;
        var passed = new List<OnnxNode> { node };
        while (Next(graph, last) is { } next)
        {
            if (next.Operator != "Reshape")
            {
                string value = next.Inputs[0] == last.Outputs[0] ? next.Inputs[0] : next.Inputs[1];
                if (ChannelConstants.Of(graph.Constant(next, next.Inputs[0] == value ? 1 : 0), graph.Shape(value)) is not { } constants || constants.Length % groups != 0)
                {
                    break;
                }

                channels = constants.Length;
                (scale, shift) = (Spread(scale, channels), Spread(shift, channels));
                if (next.Operator == "Mul")
                {
                    (scale, shift) = (Zip(scale, constants, (a, b) => a * b), Zip(shift, constants, (a, b) => a * b));
                }
                else
                {
                    shift = Zip(shift, constants, (a, b) => a + b);
                }
            }

            passed.Add(next);
            last = next;
        }

        double epsilon = node.Attributes.GetValueOrDefault("epsilon") as float? ?? 1e-5f;
        graph.Add(node, new NormalizationLayer(GraphReading.NameOf(node), graph.Input(node), new NormalizationMap(channels, count / channels, groups), epsilon, scale, shift));
        foreach (OnnxNode behind in passed.Skip(1))
        {
            graph.Rename(behind, behind.Inputs.First(graph.IsKnown));
        }
    }

    private static OnnxNode? Next(GraphReading graph, OnnxNode last) =>
        graph.OnlyUser(last.Outputs[0]) is { Operator: "Reshape" or "Mul" or "Add", Domain: "" } user && graph.Variables(user).Count == 1 ? user : null;

    // One value a group or coarser channel, repeated for each of its channels.
    private static float[] Spread(float[] values, int count) => [.. values.SelectMany(value => Enumerable.Repeat(value, count / values.Length))];

    private static float[] Zip(float[] left, float[] right, Func<float, float, float> function) => [.. left.Zip(right, function)];
}
