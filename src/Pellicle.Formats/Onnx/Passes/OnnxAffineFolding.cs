namespace Pellicle.Formats.Onnx.Passes;

/// <summary>Folds per-channel scales and shifts (BatchNormalization; Mul, Div, Add, Sub by constants) into the convolution or fully connected layer before them.</summary>
/// <remarks>s · (W x + b) + t = (s W) x + (s b + t), exact in real numbers; formed in double precision and rounded once.</remarks>
public static class OnnxAffineFolding
{
    /// <summary>Folds until nothing is left to fold.</summary>
    /// <param name="model">The model, with fully connected layers in <see cref="OnnxLinearForm"/>.</param>
    /// <param name="shapes">Shapes of values.</param>
    /// <returns>The same function with fewer nodes.</returns>
    public static OnnxModel Apply(OnnxModel model, IReadOnlyDictionary<string, IReadOnlyList<long>> shapes)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(shapes);
        var constants = new Dictionary<string, OnnxTensor>(model.Graph.Initializers);
        var nodes = new List<OnnxNode>();
        var makers = new Dictionary<string, int>();
        Dictionary<string, int> uses = Uses(model.Graph);
        foreach (OnnxNode node in model.Graph.Nodes)
        {
            OnnxNode next = node;
            if (Operand(node, constants) is { } operand && makers.TryGetValue(operand, out int maker) && uses[operand] == 1 && nodes[maker] is { } linear
                && IsLinear(linear, constants) && Affine(node, operand, constants, shapes[operand]) is { } affine)
            {
                // The folded layer takes the place of the first node, under the result's name of the second; nothing reads in between.
                nodes[maker] = Folded(linear, node.Outputs[0], affine.Scale, affine.Shift, constants);
                makers[node.Outputs[0]] = maker;
                continue;
            }

            makers[next.Outputs[0]] = nodes.Count;
            nodes.Add(next);
        }

        return model with { Graph = model.Graph with { Nodes = nodes, Initializers = constants } };
    }

    private static Dictionary<string, int> Uses(OnnxGraph graph)
    {
        var uses = new Dictionary<string, int>();
        foreach (string name in graph.Nodes.SelectMany(node => node.Inputs).Concat(graph.Outputs.Select(output => output.Name)))
        {
            uses[name] = uses.GetValueOrDefault(name) + 1;
        }

        return uses;
    }

    // The operand that is no constant, if the others are.
    private static string? Operand(OnnxNode node, Dictionary<string, OnnxTensor> constants)
    {
        string[] variable = [.. node.Inputs.Where(input => input.Length > 0 && !constants.ContainsKey(input))];
        bool isFirst = variable.Length == 1 && node.Inputs[0] == variable[0];
        return node.Domain.Length > 0 || variable.Length != 1 ? null : node.Operator switch
        {
            "BatchNormalization" or "Sub" or "Div" when isFirst => variable[0],
            "Add" or "Mul" when node.Inputs.Count == 2 => variable[0],
            _ => null,
        };
    }

    private static bool IsLinear(OnnxNode node, Dictionary<string, OnnxTensor> constants) => node.Domain.Length == 0 && node.Outputs.Count == 1
        && node.Inputs.Skip(1).All(input => input.Length == 0 || constants.ContainsKey(input))
        && (node.Operator == "Conv" || (node.Operator == "Gemm" && node.Attributes.Count == 1 && node.Attributes.ContainsKey("transB"))
            || (node.Operator == "ConvTranspose" && node.Attributes.GetValueOrDefault("group") is null or 1L));

    private static (double[] Scale, double[] Shift)? Affine(OnnxNode node, string operand, Dictionary<string, OnnxTensor> constants, IReadOnlyList<long> shape)
    {
        int channels = (int)shape[1];
        double[] ones = [.. Enumerable.Repeat(1.0, channels)];
        if (node.Operator == "BatchNormalization")
        {
            return BatchNormalization(node, constants, channels);
        }

        if (node.Attributes.Count > 0 || PerChannel(constants[node.Inputs.First(input => input != operand)], shape) is not { } values)
        {
            return null;
        }

        return node.Operator switch
        {
            "Mul" => (values, new double[channels]),
            "Div" => (Array.ConvertAll(values, value => 1 / value), new double[channels]),
            "Add" => (ones, values),
            _ => (ones, Array.ConvertAll(values, value => -value)),
        };
    }

    private static (double[] Scale, double[] Shift)? BatchNormalization(OnnxNode node, Dictionary<string, OnnxTensor> constants, int channels)
    {
        double[][] values = [.. node.Inputs.Skip(1).Select(input => constants[input].ToDoubles())];
        if (node.Attributes.GetValueOrDefault("training_mode") is 1L || node.Outputs.Skip(1).Any(output => output.Length > 0) || values.Any(value => value.Length != channels))
        {
            return null;
        }

        double epsilon = node.Attributes.GetValueOrDefault("epsilon") is float given ? given : 1e-5;
        double[] scale = [.. values[0].Zip(values[3], (gamma, variance) => gamma / Math.Sqrt(variance + epsilon))];
        return (scale, [.. Enumerable.Range(0, channels).Select(c => values[1][c] - (values[2][c] * scale[c]))]);
    }

    // One value a channel, if the constant varies along axis 1 only and does not enlarge the result.
    private static double[]? PerChannel(OnnxTensor constant, IReadOnlyList<long> shape)
    {
        int missing = shape.Count - constant.Rank;
        bool fits = constant.IsFloating && missing >= 0 && constant.Dimensions.Select((size, d) => (Size: size, Axis: d + missing)).All(a => a.Size == 1 || (a.Axis == 1 && a.Size == shape[1]));
        if (!fits || (missing > 1 && constant.Count > 1))
        {
            return null;
        }

        double[] values = constant.ToDoubles();
        return [.. Enumerable.Range(0, (int)shape[1]).Select(c => values[values.Length == 1 ? 0 : c])];
    }

    private static OnnxNode Folded(OnnxNode linear, string output, double[] scale, double[] shift, Dictionary<string, OnnxTensor> constants)
    {
        OnnxTensor weight = constants[linear.Inputs[1]];
        double[] values = [.. weight.ToDoubles()];

        // Outputs lie along axis 0 of the weight, for ConvTranspose along axis 1.
        long inner = OnnxShape.Product(weight.Dimensions.AsSpan(linear.Operator == "ConvTranspose" ? 2 : 1));
        for (int i = 0; i < values.Length; i++)
        {
            values[i] *= scale[i / inner % scale.Length];
        }

        double[]? bias = linear.Inputs.Count > 2 && linear.Inputs[2].Length > 0 ? constants[linear.Inputs[2]].ToDoubles() : null;
        double[] folded = [.. shift.Select((t, c) => ((bias?[c] ?? 0) * scale[c]) + t)];
        constants[$"{output}:weight"] = OnnxTensor.OfReals(weight.Type, weight.Dimensions, values);
        constants[$"{output}:bias"] = OnnxTensor.OfReals(weight.Type, [folded.Length], folded);
        return linear with { Inputs = [linear.Inputs[0], $"{output}:weight", $"{output}:bias"], Outputs = [output] };
    }
}
