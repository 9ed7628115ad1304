using Pellicle.Tensors;

namespace Pellicle.NeuraCrypt.Attacks;

/// <summary>y ≈ W x + b by least squares with a penalty on W, from normal equations that are added up part by part.</summary>
/// <remarks>Hoerl and Kennard 1970. The penalty is relative to the mean squared input, so that it needs no tuning to the scale.</remarks>
internal sealed class RidgeRegression : IDisposable
{
    private readonly int _inputs;
    private readonly double _relativePenalty;
    private readonly Tensor _products;
    private readonly Tensor _targets;

    /// <summary>Starts without samples.</summary>
    /// <param name="inputs">Numbers of x.</param>
    /// <param name="outputs">Numbers of y.</param>
    /// <param name="relativePenalty">Penalty as a share of the summed squares of a mean input, above 0.</param>
    public RidgeRegression(int inputs, int outputs, double relativePenalty = 1e-3)
    {
        _inputs = inputs;
        _relativePenalty = relativePenalty;
        _products = Tensor.Zeros(DType.Float64, inputs + 1, inputs + 1).Detached();
        _targets = Tensor.Zeros(DType.Float64, inputs + 1, outputs).Detached();
    }

    /// <summary>Adds samples.</summary>
    /// <param name="x">[n, inputs].</param>
    /// <param name="y">[n, outputs].</param>
    public void Add(Tensor x, Tensor y)
    {
        using GradientMode off = GradientMode.Off();
        using TensorScope scope = TensorScope.Open();
        Tensor rows = Tensor.Concatenate(1, x, Tensor.Ones(DType.Float32, x.Size(0), 1));
        Tensor columns = rows.Transpose();
        _products.AddInPlace(columns.MatMul(rows).To(DType.Float64));
        _targets.AddInPlace(columns.MatMul(y).To(DType.Float64));
    }

    /// <summary>Solves for W [outputs, inputs] and b [outputs], float32, of the caller's scope.</summary>
    public (Tensor Weight, Tensor Bias) Solve()
    {
        using GradientMode off = GradientMode.Off();
        using TensorScope scope = TensorScope.Open();
        int size = _inputs + 1;
        Tensor penalised = _products.Clone();
        Span<double> values = penalised.Data<double>();
        double trace = 0;
        for (int i = 0; i < _inputs; i++)
        {
            trace += values[(i * size) + i];
        }

        double penalty = Math.Max(_relativePenalty * trace / _inputs, 1e-12);
        for (int i = 0; i < size; i++)
        {
            values[(i * size) + i] += i < _inputs ? penalty : 1e-9; // the offset is free
        }

        Tensor solution = AtenOperators.Solve.Call(penalised, _targets).To(DType.Float32);
        return (scope.Keep(solution.Narrow(0, 0, _inputs).Transpose().Contiguous()), scope.Keep(solution.Select(0, _inputs).Clone()));
    }

    public void Dispose()
    {
        _products.Dispose();
        _targets.Dispose();
    }
}
