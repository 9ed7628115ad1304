using System.Globalization;

namespace Pellicle.Training.LearningRates;

/// <summary>The curve of a range test, and the rate that follows from it.</summary>
internal sealed class RangeTestCurve
{
    private const double Smoothing = 0.9;

    /// <summary>Steps whose mean loss is the level at the start: the rates are still too small to change anything.</summary>
    private const int StartSteps = 10;

    /// <summary>Ending at this multiple of the lowest loss: it will not come down again.</summary>
    private const double Diverged = 2;

    private readonly List<LearningRatePoint> _points = [];
    private readonly List<double> _losses = [];
    private double _average;
    private double _weight;

    public IReadOnlyList<LearningRatePoint> Points => _points;

    /// <summary>Adds a step.</summary>
    /// <param name="rate">Its rate.</param>
    /// <param name="loss">Mean loss before it.</param>
    /// <returns>False once the test is over: the loss diverged, or is no number.</returns>
    public bool Add(double rate, double loss)
    {
        if (!double.IsFinite(loss))
        {
            return false;
        }

        _average = Smoothing * _average + (1 - Smoothing) * loss;
        _weight = Smoothing * _weight + (1 - Smoothing);
        _losses.Add(loss);
        _points.Add(new LearningRatePoint(rate, _average / _weight));
        return _points[^1].Loss <= Diverged * _points.Min(p => p.Loss);
    }

    /// <summary>A tenth of the rate at the lowest smoothed loss, to two digits; null if the loss did not fall by more than its own scatter explains.</summary>
    /// <remarks>At the lowest loss the steps are about to become too large, and the smoothed loss reports it late: hence the tenth, as in practice. With
    /// scatter s of a step's loss, the level at the start has the standard error s/√10 and the smoothed loss 0.23 s, together 0.39 s; the lowest of
    /// ten independent smoothed values lies 0.35 s below their mean by chance. A fall of 1.5 s is three standard errors beyond that.</remarks>
    public double? LearningRate()
    {
        if (_points.Count <= StartSteps)
        {
            return null;
        }

        LearningRatePoint lowest = _points.Skip(StartSteps).MinBy(p => p.Loss)!;
        int last = _points.IndexOf(lowest);
        double start = _losses.Take(StartSteps).Average();
        bool hasFallen = start - lowest.Loss > Math.Max(1.5 * Scatter(last + 1), 0.01 * start);
        return hasFallen ? double.Parse((lowest.LearningRate / 10).ToString("E1", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture) : null;
    }

    /// <summary>Standard deviation of a step's loss about the curve, from differences of neighbours, which a slow fall does not enlarge (von Neumann 1941).</summary>
    private double Scatter(int steps)
    {
        double sum = 0;
        for (int i = 1; i < steps; i++)
        {
            sum += (_losses[i] - _losses[i - 1]) * (_losses[i] - _losses[i - 1]);
        }

        return Math.Sqrt(sum / (2 * (steps - 1)));
    }
}
