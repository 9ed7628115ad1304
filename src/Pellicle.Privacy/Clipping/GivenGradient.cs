using Pellicle.Nn;
using Pellicle.Tensors;

namespace Pellicle.Privacy.Clipping;

/// <summary>The gradient of one unit, given as numbers instead of being computed from images: measured layer by layer, then added like any other.</summary>
internal sealed class GivenGradient
{
    private readonly IReadOnlyList<Layer> _layers;
    private readonly Dictionary<Parameter, Tensor> _values = [];

    /// <param name="model">The network; its trainable layers are the layers of per-layer clipping.</param>
    /// <param name="parameters">The trainable parameters.</param>
    /// <param name="values">One tensor per parameter, same shape, float32; null for zeros.</param>
    public GivenGradient(Layer model, IReadOnlyList<Parameter> parameters, IReadOnlyList<Tensor?> values)
    {
        if (values.Count != parameters.Count)
        {
            throw new ArgumentException($"{values.Count} tensors, but the network has {parameters.Count} trainable parameters.", nameof(values));
        }

        _layers = [.. model.Tree().Where(layer => layer.IsTrainable)];
        for (int i = 0; i < values.Count; i++)
        {
            if (values[i] is { } value)
            {
                if (!value.Shape.SequenceEqual(parameters[i].Shape))
                {
                    throw new ArgumentException($"The gradient of '{parameters[i].Name}' has shape [{string.Join(", ", value.Shape)}], expected [{string.Join(", ", parameters[i].Shape)}].", nameof(values));
                }

                _values[parameters[i]] = value;
            }
        }
    }

    public IReadOnlyList<Layer> Layers => _layers;

    /// <summary>Norm in each of <see cref="Layers"/>, accumulated in double.</summary>
    public double[] LayerNorms() => [.. _layers.Select(layer => Math.Sqrt(Given(layer).Sum(pair => SquaredNorm(pair.Value.Data<float>()))))];

    /// <summary>Adds each layer's part with the layer's factor.</summary>
    public void AddTo(ReadOnlySpan<double> factors, GradientAccumulator sums)
    {
        using GradientMode off = GradientMode.Off();
        using TensorScope scope = TensorScope.Open();
        for (int l = 0; l < _layers.Count; l++)
        {
            foreach ((Parameter parameter, Tensor value) in factors[l] == 0 ? [] : Given(_layers[l]))
            {
                sums.Add(parameter, value * factors[l]);
            }
        }
    }

    private IEnumerable<KeyValuePair<Parameter, Tensor>> Given(Layer layer) =>
        layer.OwnParameters.Where(_values.ContainsKey).Select(parameter => KeyValuePair.Create(parameter, _values[parameter]));

    private static double SquaredNorm(ReadOnlySpan<float> values)
    {
        double sum = 0;
        foreach (float value in values)
        {
            sum += (double)value * value;
        }

        return sum;
    }
}
