namespace Pellicle.Training.Metrics;

/// <summary>Scores sorted once, so that areas under curves can be had many times for different image weights (bootstrap) in linear time.</summary>
/// <remarks>Ties are handled exactly: equal scores form one step of the curve, which for the ROC area is the midrank rule (Hanley and McNeil 1982).</remarks>
public sealed class RankedScores
{
    private readonly int[] _order;
    private readonly bool[] _lastOfTie;
    private readonly bool[] _positive;

    /// <summary>Sorts the scores.</summary>
    /// <param name="scores">[n], finite or infinite, not NaN; higher means "more likely positive".</param>
    /// <param name="positive">[n], true for positives.</param>
    public RankedScores(ReadOnlySpan<double> scores, ReadOnlySpan<bool> positive)
    {
        if (scores.Length != positive.Length)
        {
            throw new ArgumentException($"expected one truth per score: {scores.Length} scores, {positive.Length} truths", nameof(positive));
        }

        double[] keys = scores.ToArray();
        if (keys.Any(double.IsNaN))
        {
            throw new ArgumentException("scores must not be NaN", nameof(scores));
        }

        _positive = positive.ToArray();
        _order = [.. Enumerable.Range(0, keys.Length)];
        Array.Sort(keys, _order);
        _lastOfTie = new bool[keys.Length];
        for (int i = 0; i < keys.Length; i++)
        {
            _lastOfTie[i] = i + 1 == keys.Length || keys[i + 1] != keys[i];
        }
    }

    /// <summary>Area under the ROC curve: the probability that a positive scores above a negative, ties counted half.</summary>
    /// <param name="weights">Multiplicity of each image [n], or empty for one each.</param>
    /// <returns>In [0, 1]; null without positives or without negatives.</returns>
    public double? AreaUnderRoc(ReadOnlySpan<int> weights = default)
    {
        long negativesBelow = 0;
        long positives = 0;
        long tiePositives = 0;
        long tieNegatives = 0;
        double wins = 0;
        for (int i = 0; i < _order.Length; i++)
        {
            int weight = weights.IsEmpty ? 1 : weights[_order[i]];
            if (_positive[_order[i]])
            {
                tiePositives += weight;
            }
            else
            {
                tieNegatives += weight;
            }

            if (_lastOfTie[i])
            {
                wins += tiePositives * (negativesBelow + 0.5 * tieNegatives);
                negativesBelow += tieNegatives;
                positives += tiePositives;
                tiePositives = tieNegatives = 0;
            }
        }

        return positives == 0 || negativesBelow == 0 ? null : wins / ((double)positives * negativesBelow);
    }

    /// <summary>Average precision, the step-wise area under the precision-recall curve: Σ (R_i − R_(i−1))·P_i over thresholds from high to low, without interpolation.</summary>
    /// <returns>In [0, 1]; null without positives.</returns>
    public double? AveragePrecision()
    {
        int positives = _positive.Count(p => p);
        if (positives == 0)
        {
            return null;
        }

        double sum = 0;
        int seen = 0;
        int hits = 0;
        int hitsBefore = 0;
        for (int i = _order.Length - 1; i >= 0; i--)
        {
            seen++;
            hits += _positive[_order[i]] ? 1 : 0;
            if (i == 0 || _lastOfTie[i - 1])
            {
                sum += (hits - hitsBefore) * ((double)hits / seen);
                hitsBefore = hits;
            }
        }

        return sum / positives;
    }

    /// <summary>All corners of the ROC curve.</summary>
    /// <returns>Null without positives or without negatives.</returns>
    public RocCurve? Roc()
    {
        int positives = _positive.Count(p => p);
        int negatives = _positive.Length - positives;
        if (positives == 0 || negatives == 0)
        {
            return null;
        }

        var points = new List<RocPoint> { new(0, 0) };
        int truePositives = 0;
        int falsePositives = 0;
        for (int i = _order.Length - 1; i >= 0; i--)
        {
            truePositives += _positive[_order[i]] ? 1 : 0;
            falsePositives += _positive[_order[i]] ? 0 : 1;
            if (i == 0 || _lastOfTie[i - 1])
            {
                points.Add(new RocPoint((double)falsePositives / negatives, (double)truePositives / positives));
            }
        }

        return new RocCurve(points, positives, negatives);
    }
}
