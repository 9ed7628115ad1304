using Pellicle.Nn;
using Pellicle.Privacy.Clipping.Kernels;
using Pellicle.Tensors;

namespace Pellicle.Privacy.Clipping;

/// <summary>The weight (and bias) gradient of a linear layer or convolution: per unit Σ_t g_t a_tᵀ over all rows of all its images.</summary>
/// <remarks>
/// Per-sample: the gradient of each unit is formed and measured in double, and the sum is taken from the very values that were measured.
/// Gram: n² by products of R rows in double, plus γ s² for its rounding error, with s = Σ_t ‖a_t‖‖g_t‖ and γ = (d + p + 2R + 4) 2⁻⁵³
/// (Higham 2002, section 3.1). In float32 γ would be so large that most layers with tens of rows were taken per-sample, too.
/// The sum is one product over all rows with scaled rows, in float32, and its rounding is added to the norm as well.
/// Where γ s² exceeds 1e-3 n², or the rounding of the sum 5e-3 n (rows cancel; also negative, NaN or overflowing results), the unit is taken
/// per-sample.
/// </remarks>
internal sealed class WeightContribution : IDisposable
{
    private const double LargestRelativeError = 1e-3;
    private const double UnitRoundoff = 1.0 / (1 << 24);
    private const double UnitRoundoffOfDouble = 1.0 / (1L << 53);

    private readonly WeightGradient _gradient;
    private readonly ImageGroups _groups;
    private readonly ClippingExecution _execution;
    private readonly RecordShape _shape;
    private readonly ClippingMethod _method;
    private readonly List<int> _perSampleUnits = [];
    private Tensor? _keptWeights;
    private Tensor? _keptBiases;

    public WeightContribution(RecordShape shape, WeightGradient gradient, ImageGroups groups, ClippingExecution execution)
    {
        _gradient = gradient;
        _groups = groups;
        _execution = execution;
        _shape = shape;
        _method = MethodChoice.For(shape, groups.Count, groups.LargestSize, execution);
    }

    /// <summary>True once the gradients of all units are kept: then neither input nor output gradient is needed any more.</summary>
    public bool IsKept => _keptWeights is not null;

    private double Rows => (double)_shape.Tokens * _groups.LargestSize;

    /// <summary>Adds an upper bound of each unit's squared norm.</summary>
    public void Measure(Span<double> squaredNorms)
    {
        using TensorScope scope = TensorScope.Open();
        if (_method == ClippingMethod.Gram)
        {
            MeasureByGram(squaredNorms);
            return;
        }

        bool keep = MethodChoice.Keeps(_shape, _groups.Count, _execution);
        (Tensor squared, Tensor? weights, Tensor? biases) = _gradient.PerGroup(_groups, keep);
        Add(squared, squaredNorms);
        if (keep)
        {
            _keptWeights = weights!.Detached();
            _keptBiases = biases?.Detached();
        }
        else
        {
            _perSampleUnits.AddRange(Enumerable.Range(0, _groups.Count));
        }
    }

    /// <summary>Adds Σ_u c_u g_u to the sums; factors of excluded units are 0, and their rows may hold NaN.</summary>
    public void AddTo(ReadOnlySpan<double> factors, ReadOnlySpan<bool> excluded, GradientAccumulator sums)
    {
        if (_keptWeights is not null)
        {
            sums.Add(_gradient.Weight, WeightedRows.Sum(_keptWeights, factors, excluded));
            if (_keptBiases is not null)
            {
                sums.Add(_gradient.Bias!, WeightedRows.Sum(_keptBiases, factors, excluded));
            }

            return;
        }

        (Tensor Weight, Tensor? Bias)? total = null;
        if (_perSampleUnits.Count < _groups.Count)
        {
            total = SumOfProducts(factors, excluded);
        }

        foreach (int[] part in Parts())
        {
            using TensorScope scope = TensorScope.Open();
            (Tensor weight, Tensor? bias) = SumPerSample(part, factors, excluded);
            if (total is { } former)
            {
                AtenOperators.AddInPlace.Apply(former.Weight, weight.Reshape(former.Weight.Shape), 1L);
                if (bias is not null)
                {
                    AtenOperators.AddInPlace.Apply(former.Bias!, bias.Reshape(former.Bias!.Shape), 1L);
                }
            }
            else
            {
                total = (scope.Keep(weight), bias is null ? null : scope.Keep(bias));
            }
        }

        sums.Add(_gradient.Weight, total!.Value.Weight);
        if (total.Value.Bias is { } biasSum)
        {
            sums.Add(_gradient.Bias!, biasSum);
        }
    }

    public void Dispose()
    {
        _keptWeights?.Dispose();
        _keptBiases?.Dispose();
        _keptWeights = _keptBiases = null;
    }

    private void MeasureByGram(Span<double> squaredNorms)
    {
        (Tensor squaredTensor, Tensor spreadTensor) = _gradient.GramNorms(_groups);
        ReadOnlySpan<double> squared = squaredTensor.Data<double>();
        ReadOnlySpan<double> spread = spreadTensor.Data<double>();
        double[] biasSpread = BiasSpread();
        double gamma = (_shape.InputWidth + _shape.OutputWidth + (2 * Rows) + 4) * UnitRoundoffOfDouble;

        // Of the sum over the unit's rows, and of measuring the bias the same way.
        double sumRounding = (Rows + 2) * UnitRoundoff;
        for (int u = 0; u < _groups.Count; u++)
        {
            double error = gamma * spread[u];
            double biasError = 2 * sumRounding * biasSpread[u];
            double sumError = sumRounding * Math.Sqrt(spread[u]);
            double largest = LargestRelativeError * Math.Sqrt(Math.Max(squared[u], 0));
            if (error <= LargestRelativeError * squared[u] && biasError <= largest && sumError <= 5 * largest && double.IsFinite(squared[u]))
            {
                double norm = Math.Sqrt(squared[u] + error) + sumError + biasError;
                squaredNorms[u] += norm * norm;
            }
            else
            {
                _perSampleUnits.Add(u);
            }
        }

        foreach (int[] part in Parts())
        {
            using TensorScope scope = TensorScope.Open();
            (WeightGradient gradient, ImageGroups groups) = Of(part);
            Tensor norms = gradient.PerGroup(groups, keep: false).Squared;
            for (int i = 0; i < part.Length; i++)
            {
                squaredNorms[part[i]] += norms.Data<double>()[i];
            }
        }
    }

    // Σ_t ‖g_t‖ of each unit, by Cauchy and Schwarz at most √R times the norm of all its rows together. Single rows are exact.
    private double[] BiasSpread()
    {
        var spread = new double[_groups.Count];
        if (_gradient.Bias is null || Rows == 1)
        {
            return spread;
        }

        ReadOnlySpan<double> perImage = PellicleOperators.SquaredRowNorms.Call(_gradient.Gradients).Data<double>();
        for (int u = 0; u < spread.Length; u++)
        {
            foreach (double squared in perImage.Slice(_groups.Begin(u), _groups.SizeOf(u)))
            {
                spread[u] += squared;
            }

            spread[u] = Math.Sqrt(spread[u] * Rows);
        }

        return spread;
    }

    private (Tensor Weight, Tensor? Bias) SumOfProducts(ReadOnlySpan<double> factors, ReadOnlySpan<bool> excluded)
    {
        double[] own = factors.ToArray();
        var absent = new bool[_groups.Count];
        excluded.CopyTo(absent);
        foreach (int unit in _perSampleUnits)
        {
            own[unit] = 0;
            absent[unit] = true;
        }

        // A factor of 0 does not remove NaN, and a huge row times 0 is still a huge row before its product: such rows are cleared.
        WeightGradient gradient = absent.Contains(true)
            ? _gradient.OnRows(UnitRows.Without(_gradient.Inputs, _groups, absent), UnitRows.Without(_gradient.Gradients, _groups, absent))
            : _gradient;
        return gradient.WeightedSum(Tensor.From<double>(own, own.Length), _groups);
    }

    private (Tensor Weight, Tensor? Bias) SumPerSample(int[] part, ReadOnlySpan<double> factors, ReadOnlySpan<bool> excluded)
    {
        (WeightGradient gradient, ImageGroups groups) = Of(part);
        (_, Tensor? weights, Tensor? biases) = gradient.PerGroup(groups, keep: true);
        var own = new double[part.Length];
        var absent = new bool[part.Length];
        for (int i = 0; i < part.Length; i++)
        {
            own[i] = factors[part[i]];
            absent[i] = excluded.Length > 0 && excluded[part[i]];
        }

        return (WeightedRows.Sum(weights!, own, absent), biases is null ? null : WeightedRows.Sum(biases, own, absent));
    }

    // The units taken per-sample, as many at a time as the memory limit allows.
    private IEnumerable<int[]> Parts()
    {
        long bytes = sizeof(float) * _shape.Groups * _shape.InputWidth * _shape.OutputWidth;
        return _perSampleUnits.Chunk((int)Math.Clamp(_execution.PerSampleLimitBytes / bytes, 1, int.MaxValue));
    }

    private (WeightGradient Gradient, ImageGroups Groups) Of(int[] units)
    {
        if (units.Length == _groups.Count)
        {
            return (_gradient, _groups);
        }

        long[] images = [.. units.SelectMany(unit => Enumerable.Range(_groups.Begin(unit), _groups.SizeOf(unit))).Select(image => (long)image)];
        Tensor index = Tensor.From<long>(images, images.Length);
        return (_gradient.OnRows(_gradient.Inputs.IndexSelect(0, index), _gradient.Gradients.IndexSelect(0, index)), new ImageGroups(Array.ConvertAll(units, _groups.SizeOf)));
    }

    private static void Add(Tensor squared, Span<double> squaredNorms)
    {
        ReadOnlySpan<double> values = squared.Data<double>();
        for (int u = 0; u < squaredNorms.Length; u++)
        {
            squaredNorms[u] += values[u];
        }
    }
}
