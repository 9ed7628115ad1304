using Pellicle.Core.Errors;
using Pellicle.Tensors;

namespace Pellicle.Nn;

/// <summary>Records (input, output) of every trainable layer in a forward pass; one gradient call with respect to the outputs then
/// gives all that per-unit norms, clipped sums and ordinary gradients need.</summary>
/// <remarks>Book-keeping after Bu et al. 2022. No weight gradient is formed by automatic differentiation, and nothing below the first
/// trainable layer is differentiated, because its output becomes a leaf. One tape serves one forward pass.</remarks>
public sealed class GradientTape : IDisposable
{
    private readonly List<TapeRecord> _records = [];
    private readonly HashSet<Layer> _visited = [];

    /// <summary>Records in the order of the forward pass.</summary>
    public IReadOnlyList<TapeRecord> Records => _records;

    /// <summary>Trainable layers of a network that did not run: their gradient is zero.</summary>
    /// <param name="root">The network.</param>
    public IReadOnlyList<Layer> Unused(Layer root)
    {
        ArgumentNullException.ThrowIfNull(root);
        return [.. root.Tree().Where(layer => layer.IsTrainable && !_visited.Contains(layer))];
    }

    /// <summary>Refuses a network in which a trainable parameter of a layer that ran is in no record: it would silently stay untrained or unclipped.</summary>
    /// <param name="root">The network.</param>
    /// <exception cref="UnsupportedLayerException">Names every such parameter.</exception>
    public void RequireCoverage(Layer root)
    {
        IReadOnlyList<Parameter> missing = Uncovered(root);
        if (missing.Count > 0)
        {
            Problem[] problems = [.. missing.Select(parameter => new Problem(
                parameter.Name,
                $"trainable parameter '{parameter.Name}' is in no record of the forward pass, so its gradient cannot be clipped.",
                $"Record it in its layer, or freeze it (--freeze {parameter.Name})."))];
            throw new UnsupportedLayerException(problems[0].Message, problems[0].Hint, problems);
        }
    }

    /// <summary>Trainable parameters of layers that ran, but which no record covers.</summary>
    /// <param name="root">The network.</param>
    public IReadOnlyList<Parameter> Uncovered(Layer root)
    {
        ArgumentNullException.ThrowIfNull(root);
        var covered = _records.SelectMany(record => record.Parameters).ToHashSet();
        return [.. root.Tree().Where(_visited.Contains).SelectMany(layer => layer.OwnParameters).Where(parameter => parameter.IsTrainable && !covered.Contains(parameter))];
    }

    /// <summary>The one backward pass: fills <see cref="TapeRecord.OutputGradient"/> of every record.</summary>
    /// <param name="lossSum">Sum over images of explicitly weighted losses, one element. Never a mean: that would hide a 1/B.</param>
    public void Differentiate(Tensor lossSum)
    {
        if (_records.Count == 0)
        {
            return;
        }

        IReadOnlyList<long>[] shapes = [.. _records.Select(record => record.Output.Shape)];
        Tensor?[] gradients = Tensor.GradientsReleasing(lossSum, _records.ConvertAll(record => record.Output).ToArray());
        using TensorScope scope = TensorScope.Open();
        for (int i = 0; i < gradients.Length; i++)
        {
            _records[i].Accept(gradients[i]?.Detached(), shapes[i]);
        }
    }

    /// <summary>Frees all recorded tensors.</summary>
    public void Dispose()
    {
        _records.ForEach(record => record.Release());
        _records.Clear();
        _visited.Clear();
    }

    internal void Visit(Layer layer)
    {
        if (!_visited.Add(layer) && layer.IsTrainable)
        {
            string message = $"layer '{layer.DisplayName}' ({layer.Kind}) runs twice in one forward pass: the gradients of both uses would have to be added before the norm is taken.";
            string hint = $"Give each use its own layer, or freeze it (--freeze {layer.Path}).";
            throw new UnsupportedLayerException(message, hint, [new Problem(layer.DisplayName, message, hint)]);
        }
    }

    internal Tensor Add(TapeRecord record)
    {
        _records.Add(record);
        return record.Output;
    }
}
