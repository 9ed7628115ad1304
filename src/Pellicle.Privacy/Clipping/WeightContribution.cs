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
/// Rows in bfloat16 are exact in double. Their sum is one product of scaled rows that are each off by 2⁻¹⁸ at most (two bfloat16 parts, or float32),
/// so that 2⁻¹⁷ s is added to its rounding; rows of 2⁴⁰ and more are taken per-sample, because hardware products take values below 2⁻¹²⁶ as zero.
/// Where γ s² exceeds 1e-3 n², or the rounding of the sum 5e-3 n (rows cancel; also negative, NaN or overflowing results), the unit is taken
/// per-sample.
/// </remarks>
internal sealed class WeightContribution : IDisposable
{
    private const double LargestRelativeError = 1e-3;
    private const double UnitRoundoff = 1.0 / (1 << 24);
    private const double UnitRoundoffOfDouble = 1.0 / (1L << 53);

    // Of a scaled row in two bfloat16 parts, 2⁻¹⁸, and once more as much for the products of the second part and the addition of both.
    private const double SplitRoundoff = 1.0 / (1 << 17);

    // Σ_t 2⁻¹²⁵ √d ‖g_t‖, what products may lose to zero of a unit with R rows, stays below 2⁻²⁵ C for R up to 2²⁴, widths up to 2¹⁶ and C from 1e-12.
    private const double LargestNarrowRows = 1L << 40;

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

    private bool IsNarrow => _gradient.Inputs.Type == DType.BFloat16;

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
        double additions = (Rows + 2) * UnitRoundoff;
        double sumRounding = additions + (IsNarrow ? SplitRoundoff : 0);
        bool[] tooLarge = TooLargeForNarrowProducts();
        for (int u = 0; u < _groups.Count; u++)
        {
            double error = gamma * spread[u];
            double biasError = 2 * additions * biasSpread[u];
            double sumError = sumRounding * Math.Sqrt(spread[u]);
            double largest = LargestRelativeError * Math.Sqrt(Math.Max(squared[u], 0));
            if (error <= LargestRelativeError * squared[u] && biasError <= largest && sumError <= 5 * largest && double.IsFinite(squared[u]) && !tooLarge[u])
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

        return Array.ConvertAll(SquaredNormsOf(_gradient.Gradients), squared => Math.Sqrt(squared * Rows));
    }

    private bool[] TooLargeForNarrowProducts()
    {
        var tooLarge = new bool[_groups.Count];
        if (IsNarrow)
        {
            double[] inputs = SquaredNormsOf(_gradient.Inputs);
            double[] gradients = SquaredNormsOf(_gradient.Gradients);
            for (int u = 0; u < tooLarge.Length; u++)
            {
                tooLarge[u] = !(Math.Max(inputs[u], gradients[u]) < LargestNarrowRows * LargestNarrowRows);
            }
        }

        return tooLarge;
    }

    // Of all rows of a unit together.
    private double[] SquaredNormsOf(Tensor rows)
    {
        ReadOnlySpan<double> perImage = PellicleOperators.SquaredRowNorms.Call(rows).Data<double>();
        var squared = new double[_groups.Count];
        for (int u = 0; u < squared.Length; u++)
        {
            foreach (double image in perImage.Slice(_groups.Begin(u), _groups.SizeOf(u)))
            {
                squared[u] += image;
            }
        }

        return squared;
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
