using Pellicle.Nn;
using Pellicle.Privacy.Clipping.Kernels;
using Pellicle.Tensors;

namespace Pellicle.Privacy.Clipping;

/// <summary>Gradients that a record gives in full per unit: measured in double, and added as they are.</summary>
internal sealed class DirectContribution(TapeRecord record, ImageGroups groups) : IDisposable
{
    private readonly List<(Parameter Parameter, Tensor PerUnit)> _gradients = [];
    private bool _isFormed;

    public void Measure(Span<double> squaredNorms)
    {
        using TensorScope scope = TensorScope.Open();
        Form();
        foreach ((_, Tensor perUnit) in _gradients)
        {
            ReadOnlySpan<double> squared = PellicleOperators.SquaredRowNorms.Call(perUnit).Data<double>();
            for (int u = 0; u < squaredNorms.Length; u++)
            {
                squaredNorms[u] += squared[u];
            }
        }
    }

    public void AddTo(ReadOnlySpan<double> factors, ReadOnlySpan<bool> excluded, GradientAccumulator sums)
    {
        Form();
        foreach ((Parameter parameter, Tensor perUnit) in _gradients)
        {
            sums.Add(parameter, WeightedRows.Sum(perUnit, factors, excluded));
        }
    }

    public void Dispose()
    {
        _gradients.ForEach(gradient => gradient.PerUnit.Dispose());
        _gradients.Clear();
    }

    private void Form()
    {
        if (!_isFormed)
        {
            _isFormed = true;
            _gradients.AddRange(record.Direct(groups).Select(gradient => (gradient.Parameter, gradient.PerGroup.Detach().Detached())));
        }
    }
}
