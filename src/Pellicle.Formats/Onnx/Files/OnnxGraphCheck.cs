using Pellicle.Core.Errors;

namespace Pellicle.Formats.Onnx;

/// <summary>Checks that a graph is a data-flow graph and puts its nodes into an order in which they can run.</summary>
internal static class OnnxGraphCheck
{
    /// <summary>Checks names and order.</summary>
    /// <param name="graph">As in the file.</param>
    /// <param name="file">Name of the file, for messages.</param>
    /// <returns>The same graph with its nodes in order; a graph that is in order keeps it.</returns>
    /// <exception cref="DataFormatException">Two makers of one value, an operand nobody makes, a cycle, or an output nobody makes.</exception>
    public static OnnxGraph Check(OnnxGraph graph, string file)
    {
        var makers = new Dictionary<string, int>();
        foreach (string name in graph.Inputs.Select(value => value.Name).Concat(graph.Initializers.Keys))
        {
            if (name.Length == 0 || !makers.TryAdd(name, -1))
            {
                throw Bad(file, $"has two inputs or constants called '{name}', or one without a name");
            }
        }

        for (int i = 0; i < graph.Nodes.Count; i++)
        {
            foreach (string output in graph.Nodes[i].Outputs.Where(output => output.Length > 0))
            {
                if (!makers.TryAdd(output, i))
                {
                    throw Bad(file, $"{graph.Nodes[i].DisplayName} makes '{output}', which exists already");
                }
            }
        }

        foreach (OnnxNode node in graph.Nodes)
        {
            if (node.Inputs.FirstOrDefault(input => input.Length > 0 && !makers.ContainsKey(input)) is { } missing)
            {
                throw Bad(file, $"{node.DisplayName} takes '{missing}', which is neither an input, nor a constant, nor made by a node");
            }
        }

        if (graph.Outputs.Count == 0 || graph.Outputs.FirstOrDefault(output => !makers.ContainsKey(output.Name)) is { })
        {
            throw Bad(file, graph.Outputs.Count == 0 ? "has no output" : $"has the output '{graph.Outputs.First(output => !makers.ContainsKey(output.Name)).Name}', which nothing makes");
        }

        return graph with { Nodes = Ordered(graph.Nodes, makers, file) };
    }

    // Kahn 1962, with the file's order among nodes that are ready.
    private static OnnxNode[] Ordered(IReadOnlyList<OnnxNode> nodes, Dictionary<string, int> makers, string file)
    {
        var waiting = new int[nodes.Count];
        var users = new List<int>?[nodes.Count];
        var ready = new PriorityQueue<int, int>();
        for (int i = 0; i < nodes.Count; i++)
        {
            foreach (int maker in nodes[i].Inputs.Where(input => input.Length > 0).Select(input => makers[input]).Where(maker => maker >= 0))
            {
                (users[maker] ??= []).Add(i);
                waiting[i]++;
            }

            if (waiting[i] == 0)
            {
                ready.Enqueue(i, i);
            }
        }

        var ordered = new List<OnnxNode>(nodes.Count);
        while (ready.TryDequeue(out int next, out _))
        {
            ordered.Add(nodes[next]);
            foreach (int user in users[next] ?? [])
            {
                if (--waiting[user] == 0)
                {
                    ready.Enqueue(user, user);
                }
            }
        }

        return ordered.Count == nodes.Count
            ? [.. ordered]
            : throw Bad(file, $"{nodes[Array.FindIndex(waiting, count => count > 0)].DisplayName} waits for its own result: the graph has a cycle");
    }

    private static DataFormatException Bad(string file, string what) => new($"{file}: {what}.", "Export the model again.");
}
