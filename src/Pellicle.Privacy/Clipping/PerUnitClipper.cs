using Pellicle.Core.Errors;
using Pellicle.Core.Random;
using Pellicle.Nn;
using Pellicle.Nn.Losses;
using Pellicle.Privacy.Validation;
using Pellicle.Tensors;

namespace Pellicle.Privacy.Clipping;

/// <summary>Clips the gradient of every unit (image or patient) to a common bound and adds them up: one forward pass, one backward pass
/// without weight gradients, norms, factors, one scaled sum per layer.</summary>
/// <remarks>
/// Abadi et al. 2016, alg. 1, lines 4–6, by the book-keeping of Bu et al. 2022 ("one-pass clipping"). A logical batch is any number
/// of calls of <see cref="Add"/> between <see cref="BeginStep"/> and <see cref="EndStep"/>; without a call the sum is zero.
/// Norms are accumulated in double and rounded up by their error bound, and factors carry a margin of 2⁻¹⁶, so that the contribution
/// of a unit, measured exactly, stays within the bound. With bfloat16 products output gradients are rounded before they are measured, and
/// what the sum rounds once more is part of the norm (<see cref="WeightContribution"/>). Edge cases: a zero gradient stays zero; a gradient that is not finite stops
/// the step, or contributes zero if <see cref="ClippingOptions.ZeroNonFinite"/> is set.
/// Without <see cref="ClippingOptions"/> the same kernels give the ordinary gradient sum.
/// </remarks>
public sealed class PerUnitClipper : IDisposable
{
    private readonly Layer _model;
    private readonly IPerImageLoss _loss;
    private readonly ClippingOptions? _options;
    private readonly ClippingExecution _execution;
    private readonly ProductPrecision _precision;
    private readonly IReadOnlyList<Parameter> _parameters;
    private readonly GradientAccumulator _sums;
    private StepBounds? _bounds;
    private double[] _counts = [];
    private bool _isOpen;

    /// <summary>Prepares clipping of a network.</summary>
    /// <param name="model">The network; which parameters are trainable is read here.</param>
    /// <param name="loss">Loss per image, with public class weights.</param>
    /// <param name="options">What bounds a contribution; null for ordinary gradients without any bound.</param>
    /// <param name="execution">What only changes speed and memory.</param>
    /// <param name="precision">Number format of the operands of products.</param>
    /// <exception cref="UsageException">A layer has no products in that format.</exception>
    public PerUnitClipper(Layer model, IPerImageLoss loss, ClippingOptions? options, ClippingExecution? execution = null, ProductPrecision precision = ProductPrecision.Float32)
    {
        ArgumentNullException.ThrowIfNull(model);
        options?.Validate();
        ProductPrecisionCheck.Require(model, precision);
        _model = model;
        _loss = loss;
        _options = options;
        _execution = execution ?? new ClippingExecution();
        _precision = precision;
        _parameters = model.TrainableParameters();
        _sums = new GradientAccumulator(_parameters);
    }

    /// <summary>Starts a logical batch: all sums become zero.</summary>
    /// <param name="bounds">Bounds of this step; null takes those of the options.</param>
    /// <exception cref="ArgumentException">Bounds were given for ordinary gradients, or per layer in a mode without bounds per layer.</exception>
    /// <exception cref="UnsupportedLayerException">Contributions are to be bounded, but a layer lets images of a batch see each other.</exception>
    public void BeginStep(StepBounds? bounds = null)
    {
        if (bounds is not null && (_options is null || (bounds.Layers is not null && _options.Mode is ClippingMode.Flat or ClippingMode.Automatic)))
        {
            throw new ArgumentException($"{_options?.Mode.ToString() ?? "Ordinary"} gradients have no such bounds.", nameof(bounds));
        }

        if (_options is not null)
        {
            PrivacyValidator.RequireSeparateExamples(_model);
        }

        _bounds = bounds ?? (_options is null ? null : StepBounds.Of(_options));
        _counts = _options?.Mode == ClippingMode.Adaptive ? new double[Math.Max(1, _bounds!.Layers?.Count ?? 1)] : [];
        _sums.Begin();
        _isOpen = true;
    }

    /// <summary>Adds the clipped gradients of one physical batch.</summary>
    /// <param name="images">[N, C, H, W].</param>
    /// <param name="labels">[N], int64.</param>
    /// <param name="units">Which image belongs to which unit; all images of a unit are in this batch.</param>
    /// <param name="random">Source of dropout masks; may be null if the network has none.</param>
    /// <param name="imageKeys">A number per image that decides its masks; empty means 0, 1, 2, …</param>
    /// <exception cref="NonFiniteGradientException">A norm is NaN or infinite, and that is not allowed.</exception>
    /// <exception cref="UnsupportedLayerException">A layer ran twice, or a trainable parameter is in no record.</exception>
    /// <exception cref="InvalidOperationException">No step was begun.</exception>
    public ClippedBatch Add(Tensor images, Tensor labels, UnitLayout units, ISeededRandom? random = null, ReadOnlyMemory<ulong> imageKeys = default)
    {
        ArgumentNullException.ThrowIfNull(images);
        ArgumentNullException.ThrowIfNull(units);
        if (!_isOpen)
        {
            throw new InvalidOperationException("Call BeginStep before Add.");
        }

        if (images.Size(0) != units.Images)
        {
            throw new ArgumentException($"{images.Size(0)} images, but units are given for {units.Images}.", nameof(units));
        }

        if (units.Images == 0)
        {
            return new ClippedBatch([], [], 0, 0, 0);
        }

        using TensorScope scope = TensorScope.Open();
        if (units.Order() is { } order)
        {
            (images, labels, imageKeys) = Sort(order, images, labels, imageKeys);
        }

        using var tape = new GradientTape();
        float[] losses = Differentiate(tape, images, labels, units, ForwardContext.Training(tape, random, imageKeys, updatesStatistics: _options is null, _precision));

        using var off = GradientMode.Off();
        LayerContribution[] layers = [.. tape.Records.Where(record => record.OutputGradient is not null).Select(record => new LayerContribution(record, units.Groups, _execution))];
        try
        {
            return _options is null ? AddOrdinary(layers, units, losses) : AddClipped(layers, units, losses, _options);
        }
        finally
        {
            Array.ForEach(layers, layer => layer.Dispose());
        }
    }

    /// <summary>Adds the clipped gradient of one unit that is given as numbers: what an audit plants goes the way of every other unit.</summary>
    /// <param name="gradient">One tensor per trainable parameter, in their order and of their shape; null for zeros.</param>
    /// <exception cref="NonFiniteGradientException">Its norm is NaN or infinite, and that is not allowed.</exception>
    /// <exception cref="InvalidOperationException">No step was begun.</exception>
    public ClippedBatch AddGradient(IReadOnlyList<Tensor?> gradient)
    {
        ArgumentNullException.ThrowIfNull(gradient);
        if (!_isOpen)
        {
            throw new InvalidOperationException("Call BeginStep before AddGradient.");
        }

        var given = new GivenGradient(_model, _parameters, gradient);
        double[] layerNorms = given.LayerNorms();
        double norm = Math.Sqrt(layerNorms.Sum(layer => layer * layer));
        double[] factors = new double[layerNorms.Length];
        if (_options is null)
        {
            Array.Fill(factors, 1);
            given.AddTo(factors, _sums);
            return new ClippedBatch([], [], 0, 0, 0);
        }

        StepBounds bounds = _bounds!;
        Layer[] layers = [.. given.Layers];
        double[][] norms = Array.ConvertAll(layerNorms, layer => new[] { layer });
        bool perLayer = _options.Mode == ClippingMode.PerLayer || bounds.Layers is not null;
        bool isExcluded = NonFinite(layers, norms, _options)[0];
        if (_options.Mode == ClippingMode.Adaptive)
        {
            Count(bounds, layers, norms, [norm]);
        }

        for (int l = 0; l < factors.Length; l++)
        {
            factors[l] = isExcluded ? 0
                : perLayer ? ClipFactors.Of(_options.Mode, layerNorms[l], LayerBound(layers[l], layers.Length, bounds))
                : ClipFactors.Of(_options.Mode, norm, bounds.Sensitivity);
        }

        given.AddTo(factors, _sums);
        bool isClipped = !isExcluded && (perLayer ? factors.Any(factor => factor < 1) : norm > bounds.Sensitivity * ClipFactors.Margin);
        return new ClippedBatch([norm], perLayer ? norms : [], isClipped ? 1 : 0, isExcluded ? 1 : 0, 0);
    }

    /// <summary>Ends the logical batch.</summary>
    /// <returns>The sum, not yet divided or noised, with its sensitivity.</returns>
    public ClippedSum EndStep()
    {
        if (!_isOpen)
        {
            throw new InvalidOperationException("Call BeginStep before EndStep.");
        }

        _sums.End();
        _isOpen = false;
        return new ClippedSum(_parameters, _bounds?.Sensitivity ?? double.PositiveInfinity) { Counts = [.. _counts] };
    }

    /// <summary>How each layer would be clipped, from shapes only: runs the network once on an image of zeros.</summary>
    /// <param name="imageShape">[C, H, W] of one image.</param>
    /// <param name="units">Units of a physical batch.</param>
    /// <param name="imagesPerUnit">Images of a unit, views included.</param>
    /// <returns>One row per layer with own parameters, frozen and unused ones included, in order of registration.</returns>
    public IReadOnlyList<LayerPlanRow> Plan(ReadOnlySpan<long> imageShape, int units, int imagesPerUnit = 1) =>
        ClippingPlan.Of(_model, imageShape, units, imagesPerUnit, _execution);

    /// <summary>Frees the accumulator. Parameters and their gradients belong to the network.</summary>
    public void Dispose() => _sums.Dispose();

    // Images of a unit become neighbours. Masks go by image, so without keys each image keeps its place as its key.
    private static (Tensor Images, Tensor Labels, ReadOnlyMemory<ulong> Keys) Sort(long[] order, Tensor images, Tensor labels, ReadOnlyMemory<ulong> keys)
    {
        Tensor index = Tensor.From<long>(order, order.Length);
        ulong[] sorted = Array.ConvertAll(order, image => keys.IsEmpty ? (ulong)image : keys.Span[(int)image]);
        return (images.IndexSelect(0, index), labels.IndexSelect(0, index), sorted);
    }

    private float[] Differentiate(GradientTape tape, Tensor images, Tensor labels, UnitLayout units, ForwardContext context)
    {
        using var recording = GradientMode.Recording();
        using TensorScope scope = TensorScope.Open();
        Tensor weighted;
        using (TensorScope forward = TensorScope.Open())
        {
            // What the backward pass needs is held by the graph, which lets go of it piece by piece; a scope would hold all of it to the end.
            Tensor logits = _model.Forward(images, context);
            tape.RequireCoverage(_model);
            weighted = forward.Keep(_loss.PerImage(logits, labels) * units.LossWeights());
        }

        tape.Differentiate(weighted.Sum());
        return weighted.ToArray<float>();
    }

    private ClippedBatch AddClipped(LayerContribution[] layers, UnitLayout units, float[] losses, ClippingOptions options)
    {
        double[][] squaredNorms = Array.ConvertAll(layers, _ => new double[units.Units]);
        for (int l = 0; l < layers.Length; l++)
        {
            layers[l].Measure(squaredNorms[l]);
        }

        Layer[] recorded = Array.ConvertAll(layers, layer => layer.Record.Layer);
        bool[] excluded = NonFinite(recorded, squaredNorms, options);
        double[][] layerNorms = Array.ConvertAll(squaredNorms, layer => Array.ConvertAll(layer, Math.Sqrt));
        double[] unitNorms = UnitNorms(squaredNorms, units.Units);
        StepBounds bounds = _bounds!;
        bool perLayer = options.Mode == ClippingMode.PerLayer || bounds.Layers is not null;
        double[] factors = perLayer ? [] : Array.ConvertAll(unitNorms, norm => ClipFactors.Of(options.Mode, norm, bounds.Sensitivity));
        bool[] clipped = Array.ConvertAll(unitNorms, norm => !perLayer && norm > bounds.Sensitivity * ClipFactors.Margin);
        if (options.Mode == ClippingMode.Adaptive)
        {
            Count(bounds, recorded, layerNorms, unitNorms);
        }

        for (int l = 0; l < layers.Length; l++)
        {
            if (perLayer)
            {
                double bound = LayerBound(layers[l].Record.Layer, layers.Length, bounds);
                factors = Array.ConvertAll(layerNorms[l], norm => ClipFactors.Of(options.Mode, norm, bound));
                for (int u = 0; u < clipped.Length; u++)
                {
                    clipped[u] |= factors[u] < 1;
                }
            }

            Exclude(factors, excluded);
            layers[l].AddTo(factors, excluded, _sums);
        }

        return new ClippedBatch(unitNorms, perLayer ? layerNorms : [], Enumerable.Range(0, units.Units).Count(u => clipped[u] && !excluded[u]), excluded.Count(unit => unit), LossSum(losses, units, excluded));
    }

    private ClippedBatch AddOrdinary(LayerContribution[] layers, UnitLayout units, float[] losses)
    {
        double[] ones = new double[units.Units];
        Array.Fill(ones, 1);
        foreach (LayerContribution layer in layers)
        {
            layer.AddTo(ones, [], _sums);
        }

        return new ClippedBatch([], [], 0, 0, LossSum(losses, units, []));
    }

    // Where per-layer bounds are not given, layers that the loss does not depend on count too: the split must not depend on data.
    private double LayerBound(Layer layer, int recorded, StepBounds bounds)
    {
        if (bounds.Layers is null)
        {
            return bounds.Sensitivity / Math.Sqrt(Math.Max(recorded, _model.Tree().Count(candidate => candidate.IsTrainable)));
        }

        return bounds.Layers.TryGetValue(layer.Path, out double bound)
            ? bound
            : throw new UsageException($"per-layer clipping has no bound for layer '{layer.DisplayName}'.", "Give every trainable layer a bound, or none at all.");
    }

    // b_u - 1/2 for each bound. A norm that is not finite is not within a bound; a layer without a record has norm zero.
    private void Count(StepBounds bounds, Layer[] layers, double[][] layerNorms, double[] unitNorms)
    {
        if (bounds.Layers is null)
        {
            _counts[0] += unitNorms.Sum(norm => norm <= bounds.Sensitivity ? 0.5 : -0.5);
            return;
        }

        int i = 0;
        foreach ((string path, double bound) in bounds.Layers.OrderBy(b => b.Key, StringComparer.Ordinal))
        {
            int layer = Array.FindIndex(layers, l => l.Path == path);
            _counts[i++] += layer < 0 ? 0.5 * unitNorms.Length : layerNorms[layer].Sum(norm => norm <= bound ? 0.5 : -0.5);
        }
    }

    private static bool[] NonFinite(Layer[] layers, double[][] norms, ClippingOptions options)
    {
        var excluded = new bool[norms.Length == 0 ? 0 : norms[0].Length];
        for (int l = 0; l < layers.Length; l++)
        {
            int bad = 0;
            for (int u = 0; u < excluded.Length; u++)
            {
                if (!double.IsFinite(norms[l][u]))
                {
                    excluded[u] = true;
                    bad++;
                }
            }

            if (bad > 0 && !options.ZeroNonFinite)
            {
                throw new NonFiniteGradientException(layers[l].DisplayName, bad);
            }
        }

        return excluded;
    }

    private static double[] UnitNorms(double[][] squaredNorms, int units)
    {
        var norms = new double[units];
        foreach (double[] layer in squaredNorms)
        {
            for (int u = 0; u < units; u++)
            {
                norms[u] += layer[u];
            }
        }

        return Array.ConvertAll(norms, Math.Sqrt);
    }

    private static void Exclude(double[] factors, bool[] excluded)
    {
        for (int u = 0; u < factors.Length; u++)
        {
            if (excluded[u])
            {
                factors[u] = 0;
            }
        }
    }

    private static double LossSum(float[] losses, UnitLayout units, bool[] excluded)
    {
        double sum = 0;
        for (int u = 0; u < units.Units; u++)
        {
            if (excluded.Length == 0 || !excluded[u])
            {
                foreach (float loss in losses.AsSpan(units.Groups.Begin(u), units.Groups.SizeOf(u)))
                {
                    sum += loss;
                }
            }
        }

        return sum;
    }
}
