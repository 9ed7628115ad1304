using Pellicle.Nn;
using Pellicle.Privacy.Clipping.Kernels;
using Pellicle.Tensors;

namespace Pellicle.Privacy.Clipping;

/// <summary>The weight (and bias) gradient of a linear layer or convolution: per unit Σ_t g_t a_tᵀ over all rows of all its images.</summary>
/// <remarks>
/// Three ways, chosen by shape. One row a unit: ‖g‖²(‖a‖² + 1), exact. Per-sample: the gradient of each unit is formed, measured in
/// double, and the sum is taken from the very values that were measured. Gram: n² by <see cref="GramNorm"/> plus its rounding error
/// bound, and the sum is one product over all rows with the rows of g scaled.
/// Where a Gram result may be off by more than 1e-3 of n², that unit's gradient is formed in double, measured, and added by itself.
/// </remarks>
internal sealed class RowContribution : IDisposable
{
    private const double LargestRelativeError = 1e-3;

    private readonly TapeRecord _record;
    private readonly UnitLayout _units;
    private readonly ClippingExecution _execution;
    private readonly RecordShape _shape;
    private readonly int _rows;
    private readonly List<int> _exactUnits = [];
    private Tensor? _perUnitWeight;
    private Tensor? _perUnitBias;

    public RowContribution(TapeRecord record, UnitLayout units, ClippingExecution execution)
    {
        _record = record;
        _units = units;
        _execution = execution;
        _shape = record.Shape;
        _rows = checked((int)_shape.Tokens * units.ImagesPerUnit);
        Method = MethodChoice.For(_shape, units.Units, units.ImagesPerUnit, execution);
    }

    public ClippingMethod Method { get; }

    public void Measure(Span<double> squaredNorms)
    {
        using TensorScope scope = TensorScope.Open();
        (RowProduct product, Tensor inputs, Tensor gradients) = UnitRows();
        if (_rows == 1)
        {
            MeasureSingleRows(product.Bias is not null, inputs, gradients, squaredNorms);
        }
        else if (Method == ClippingMethod.Gram)
        {
            MeasureByGram(product.Bias is not null, inputs, gradients, squaredNorms);
        }
        else
        {
            MeasurePerSample(product.Bias is not null, inputs, gradients, squaredNorms);
        }
    }

    public void AddTo(ReadOnlySpan<double> factors, ReadOnlySpan<bool> excluded, GradientAccumulator sums)
    {
        if (_perUnitWeight is not null)
        {
            RowProduct product = _record.Rows()!;
            long perUnit = _units.Units;
            sums.Add(product.Weight, WeightedRows.Sum(_perUnitWeight.Reshape(perUnit, -1), factors, excluded));
            if (product.Bias is not null)
            {
                sums.Add(product.Bias, WeightedRows.Sum(_perUnitBias!.Reshape(perUnit, -1), factors, excluded));
            }

            return;
        }

        AddProduct(factors, excluded, sums);
    }

    public void Dispose()
    {
        _perUnitWeight?.Dispose();
        _perUnitBias?.Dispose();
        _perUnitWeight = _perUnitBias = null;
    }

    // Rows of a unit and group together: [U·H, R, d] and [U·H, R, p].
    private (RowProduct Product, Tensor Inputs, Tensor Gradients) UnitRows()
    {
        RowProduct product = _record.Rows()!;
        return (product, ByUnit(product.Inputs), ByUnit(product.Gradients));
    }

    private Tensor ByUnit(Tensor perImage)
    {
        long width = perImage.Size(3);
        Tensor byUnit = _units.Gather(perImage);
        return _units.ImagesPerUnit == 1
            ? byUnit.Reshape(_units.Units * _shape.Groups, _rows, width)
            : byUnit.Permute(0, 2, 1, 3, 4).Reshape(_units.Units * _shape.Groups, _rows, width);
    }

    private void MeasureSingleRows(bool hasBias, Tensor inputs, Tensor gradients, Span<double> squaredNorms)
    {
        var a = new double[_units.Units * _shape.Groups];
        var g = new double[a.Length];
        SquareSums.AddRows(inputs, a);
        SquareSums.AddRows(gradients, g);
        for (int i = 0; i < a.Length; i++)
        {
            squaredNorms[(int)(i / _shape.Groups)] += g[i] == 0 && double.IsFinite(a[i]) ? 0 : g[i] * (a[i] + (hasBias ? 1 : 0));
        }
    }

    private void MeasurePerSample(bool hasBias, Tensor inputs, Tensor gradients, Span<double> squaredNorms)
    {
        int groups = (int)_shape.Groups;
        if (MethodChoice.Keeps(_shape, _units.Units, _execution))
        {
            _perUnitWeight = Product(gradients.Transpose(), inputs).Detached();
            SquareSums.AddRows(_perUnitWeight.Reshape(_units.Units, -1), squaredNorms);
            if (hasBias)
            {
                _perUnitBias = gradients.Sum(1).Detached();
                SquareSums.AddRows(_perUnitBias.Reshape(_units.Units, -1), squaredNorms);
            }

            return;
        }

        // Too large to keep: measured in parts; the sum comes from a product over all rows, so its rounding must be covered.
        long bytesPerUnit = sizeof(float) * groups * _shape.InputWidth * _shape.OutputWidth;
        int part = (int)Math.Max(1, _execution.PerSampleLimitBytes / bytesPerUnit);
        double[] rowNormSums = RowNormSums(hasBias, inputs, gradients);
        var norms = new double[_units.Units];
        for (int first = 0; first < _units.Units; first += part)
        {
            using TensorScope scope = TensorScope.Open();
            int count = Math.Min(part, _units.Units - first);
            Tensor a = inputs.Narrow(0, (long)first * groups, (long)count * groups);
            Tensor g = gradients.Narrow(0, (long)first * groups, (long)count * groups);
            SquareSums.AddRows(Product(g.Transpose(), a).Reshape(count, -1), norms.AsSpan(first, count));
            if (hasBias)
            {
                SquareSums.AddRows(g.Sum(1).Reshape(count, -1), norms.AsSpan(first, count));
            }
        }

        for (int u = 0; u < norms.Length; u++)
        {
            squaredNorms[u] += Square(Math.Sqrt(norms[u]) + (2 * SumRounding * rowNormSums[u]));
        }
    }

    private void MeasureByGram(bool hasBias, Tensor inputs, Tensor gradients, Span<double> squaredNorms)
    {
        int groups = (int)_shape.Groups;
        var measured = new GramNorm[_units.Units * groups];
        int part = (int)Math.Max(1, _execution.GramLimitBytes / (2L * sizeof(float) * _rows * _rows));
        for (int first = 0; first < measured.Length; first += part)
        {
            using TensorScope scope = TensorScope.Open();
            int count = Math.Min(part, measured.Length - first);
            Tensor a = inputs.Narrow(0, first, count);
            Tensor g = gradients.Narrow(0, first, count);
            GramNorms.Measure(Product(a, a.Transpose()), Product(g, g.Transpose()), hasBias, _shape.InputWidth, _shape.OutputWidth, measured.AsSpan(first, count));
        }

        for (int u = 0; u < _units.Units; u++)
        {
            double squared = 0;
            double error = 0;
            double rowNormSum = 0;
            foreach (GramNorm part1 in measured.AsSpan(u * groups, groups))
            {
                squared += part1.SquaredNorm;
                error += part1.ErrorBound;
                rowNormSum += part1.RowNormSum;
            }

            // Also taken for negative, NaN and overflowing Gram results, and for squares that vanish in float32.
            bool isReliable = error <= LargestRelativeError * squared && double.IsFinite(squared);
            if (isReliable)
            {
                squaredNorms[u] += Square(Math.Sqrt(squared + error) + (SumRounding * rowNormSum));
            }
            else if (IsZero(inputs, gradients, u))
            {
                continue;
            }
            else
            {
                _exactUnits.Add(u);
                (Tensor weight, Tensor? bias) = ExactGradient(inputs, gradients, u, hasBias);
                squaredNorms[u] += SquareOf(weight) + (bias is null ? 0 : SquareOf(bias));
            }
        }
    }

    // Σ over all rows of c·g aᵀ, with units measured in double added by themselves.
    private void AddProduct(ReadOnlySpan<double> factors, ReadOnlySpan<bool> excluded, GradientAccumulator sums)
    {
        RowProduct product = _record.Rows()!;
        bool[] byThemselves = ByThemselves(excluded);
        Tensor inputs = _units.WithoutUnits(product.Inputs, byThemselves);
        Tensor gradients = _units.WithoutUnits(product.Gradients, byThemselves);
        Tensor perImage = _units.PerImage(factors);
        (Tensor weight, Tensor? bias) = _shape.Groups == 1
            ? SumOfProducts(inputs, gradients, perImage, product.Bias is not null)
            : GroupedSumOfProducts(inputs, gradients, perImage, product.Bias is not null);
        if (_exactUnits.Count > 0)
        {
            (_, Tensor unitInputs, Tensor unitGradients) = UnitRows();
            foreach (int unit in _exactUnits)
            {
                if (excluded.Length > 0 && excluded[unit])
                {
                    continue;
                }

                using TensorScope scope = TensorScope.Open();
                (Tensor exactWeight, Tensor? exactBias) = ExactGradient(unitInputs, unitGradients, unit, bias is not null);
                AtenOperators.AddInPlace.Apply(weight, (exactWeight * factors[unit]).To(DType.Float32).Reshape(weight.Shape), 1L);
                if (bias is not null)
                {
                    AtenOperators.AddInPlace.Apply(bias, (exactBias! * factors[unit]).To(DType.Float32).Reshape(bias.Shape), 1L);
                }
            }
        }

        sums.Add(product.Weight, weight);
        if (bias is not null)
        {
            sums.Add(product.Bias!, bias);
        }
    }

    private bool[] ByThemselves(ReadOnlySpan<bool> excluded)
    {
        var result = new bool[_units.Units];
        excluded.CopyTo(result);
        foreach (int unit in _exactUnits)
        {
            result[unit] = true;
        }

        return result;
    }

    private static (Tensor Weight, Tensor? Bias) SumOfProducts(Tensor inputs, Tensor gradients, Tensor perImage, bool hasBias)
    {
        Tensor a = inputs.Reshape(inputs.Size(0), inputs.Size(2), inputs.Size(3));
        Tensor g = gradients.Reshape(gradients.Size(0), gradients.Size(2), gradients.Size(3));
        Tensor?[] results = PellicleOperators.ClippedSum.CallMany(2, a, g, perImage, hasBias);
        return (results[0]!, hasBias ? results[1] : null);
    }

    private (Tensor Weight, Tensor? Bias) GroupedSumOfProducts(Tensor inputs, Tensor gradients, Tensor perImage, bool hasBias)
    {
        Tensor scaled = gradients * perImage.Reshape(-1, 1, 1, 1);
        Tensor g = scaled.Permute(1, 3, 0, 2).Reshape(_shape.Groups, _shape.OutputWidth, -1);
        Tensor a = inputs.Permute(1, 0, 2, 3).Reshape(_shape.Groups, -1, _shape.InputWidth);
        return (Product(g, a), hasBias ? g.Sum(2) : null);
    }

    private (Tensor Weight, Tensor? Bias) ExactGradient(Tensor inputs, Tensor gradients, int unit, bool hasBias)
    {
        Tensor a = inputs.Narrow(0, unit * _shape.Groups, _shape.Groups).To(DType.Float64);
        Tensor g = gradients.Narrow(0, unit * _shape.Groups, _shape.Groups).To(DType.Float64);
        return (g.Transpose().MatMul(a), hasBias ? g.Sum(1) : null);
    }

    private bool IsZero(Tensor inputs, Tensor gradients, int unit)
    {
        Span<double> sums = [0, 0];
        SquareSums.AddRows(inputs.Narrow(0, unit * _shape.Groups, _shape.Groups).Reshape(1, -1), sums[..1]);
        SquareSums.AddRows(gradients.Narrow(0, unit * _shape.Groups, _shape.Groups).Reshape(1, -1), sums[1..]);
        return double.IsFinite(sums[0]) && sums[1] == 0;
    }

    private double[] RowNormSums(bool hasBias, Tensor inputs, Tensor gradients)
    {
        var a = new double[_units.Units * _shape.Groups * _rows];
        var g = new double[a.Length];
        SquareSums.AddRows(inputs.Reshape(a.Length, -1), a);
        SquareSums.AddRows(gradients.Reshape(g.Length, -1), g);
        var sums = new double[_units.Units];
        int perUnit = a.Length / Math.Max(1, sums.Length);
        for (int i = 0; i < a.Length; i++)
        {
            sums[i / perUnit] += Math.Sqrt((a[i] + (hasBias ? 1 : 0)) * g[i]);
        }

        return sums;
    }

    // A unit's part of the product over all rows: at most R additions and two roundings of each term.
    private double SumRounding => (_rows + 2) * GramNorm.UnitRoundoff;

    private static Tensor Product(Tensor left, Tensor right) => PellicleOperators.Product.Call(left, right, (int)DType.Float32);

    private static double Square(double value) => value * value;

    private static double SquareOf(Tensor tensor)
    {
        double sum = 0;
        foreach (double value in tensor.Contiguous().Data<double>())
        {
            sum += value * value;
        }

        return sum;
    }
}
