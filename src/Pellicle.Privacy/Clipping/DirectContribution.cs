using Pellicle.Nn;
using Pellicle.Privacy.Clipping.Kernels;
using Pellicle.Tensors;

namespace Pellicle.Privacy.Clipping;

/// <summary>Gradients that a record gives in full per image: summed over the images of a unit, then measured and added as they are.</summary>
internal sealed class DirectContribution(TapeRecord record, UnitLayout units) : IDisposable
{
    private readonly List<(Parameter Parameter, Tensor PerUnit)> _gradients = [];

    public void Measure(Span<double> squaredNorms)
    {
        using TensorScope scope = TensorScope.Open();
        Form();
        foreach ((_, Tensor perUnit) in _gradients)
        {
            SquareSums.AddRows(perUnit, squaredNorms);
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
        if (_gradients.Count > 0)
        {
            return;
        }

        foreach (DirectGradient gradient in record.Direct())
        {
            Tensor perImage = gradient.PerImage.Reshape(units.Images, -1);
            Tensor perUnit = units.ImagesPerUnit == 1 && units.Units == units.Images ? units.Gather(perImage).Reshape(units.Units, -1) : units.Gather(perImage).Sum(1);
            _gradients.Add((gradient.Parameter, perUnit.Detached()));
        }
    }
}
