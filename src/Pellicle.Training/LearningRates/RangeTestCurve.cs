namespace Pellicle.Training.LearningRates;

/// <summary>The curve of a range test, and the rate that follows from it.</summary>
internal sealed class RangeTestCurve
{
    private const double Smoothing = 0.9;

    /// <summary>Ending at this multiple of the lowest loss: it will not come down again.</summary>
    private const double Diverged = 2;

    private readonly List<LearningRatePoint> _points = [];
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
        _points.Add(new LearningRatePoint(rate, _average / _weight));
        return _points[^1].Loss <= Diverged * _points.Min(p => p.Loss);
    }

    /// <summary>A tenth of the rate at the lowest smoothed loss, to two digits; null if the loss never fell by a twentieth.</summary>
    /// <remarks>At the lowest loss the steps are about to become too large, and the smoothed loss reports it late: hence the tenth, as in practice.</remarks>
    public double? LearningRate()
    {
        if (_points.Count == 0)
        {
            return null;
        }

        LearningRatePoint lowest = _points.MinBy(p => p.Loss)!;
        return lowest.Loss <= 0.95 * _points[0].Loss ? double.Parse((lowest.LearningRate / 10).ToString("E1", System.Globalization.CultureInfo.InvariantCulture), System.Globalization.CultureInfo.InvariantCulture) : null;
    }
}
