namespace Pellicle.Training.Metrics;

/// <summary>The single figures behind <see cref="ClassificationMetrics"/>; those with an interval take image weights.</summary>
internal sealed class PredictionStatistics
{
    private const int CalibrationBins = 15;

    private readonly LabelledPredictions _data;
    private readonly int[] _labels;
    private readonly int[] _predicted;
    private readonly RankedScores[] _ranked;
    private readonly int[][] _confusion;

    public PredictionStatistics(LabelledPredictions data, double? threshold)
    {
        _data = data;
        _labels = [.. data.Labels];
        _predicted = [.. Enumerable.Range(0, data.Count).Select(i => data.Predicted(i, threshold))];
        _ranked = [.. Enumerable.Range(0, data.Classes).Select(Rank)];
        _confusion = [.. Enumerable.Range(0, data.Classes).Select(_ => new int[data.Classes])];
        for (int i = 0; i < _labels.Length; i++)
        {
            _confusion[_labels[i]][_predicted[i]]++;
        }
    }

    public IReadOnlyList<IReadOnlyList<int>> Confusion => _confusion;

    public int SmallestClass() => _confusion.Select(row => row.Sum()).Where(count => count > 0).DefaultIfEmpty(0).Min();

    public int Positives(int label) => _confusion[label].Sum();

    // The floor keeps a probability that underflowed to zero from making the mean infinite; it is the smallest positive float32.
    public double? MeanLoss() => _data.Count == 0
        ? null
        : _data.Losses?.Average() ?? Enumerable.Range(0, _data.Count).Average(i => -Math.Log(Math.Clamp(_data.Probability(i, _labels[i]), float.Epsilon, 1)));

    public double? Accuracy(ReadOnlySpan<int> weights)
    {
        long total = 0;
        long right = 0;
        for (int i = 0; i < _labels.Length; i++)
        {
            int weight = weights.IsEmpty ? 1 : weights[i];
            total += weight;
            right += _labels[i] == _predicted[i] ? weight : 0;
        }

        return total == 0 ? null : (double)right / total;
    }

    public double? BalancedAccuracy(ReadOnlySpan<int> weights)
    {
        Span<long> total = _data.Classes <= 64 ? stackalloc long[_data.Classes] : new long[_data.Classes];
        Span<long> right = _data.Classes <= 64 ? stackalloc long[_data.Classes] : new long[_data.Classes];
        total.Clear();
        right.Clear();
        for (int i = 0; i < _labels.Length; i++)
        {
            int weight = weights.IsEmpty ? 1 : weights[i];
            total[_labels[i]] += weight;
            right[_labels[i]] += _labels[i] == _predicted[i] ? weight : 0;
        }

        int classes = 0;
        double sum = 0;
        for (int k = 0; k < total.Length; k++)
        {
            if (total[k] > 0)
            {
                classes++;
                sum += (double)right[k] / total[k];
            }
        }

        return classes == 0 ? null : sum / classes;
    }

    /// <summary>Null if a class that has an area without weights has none with them (a replicate that lost a class says nothing about the mean over classes).</summary>
    public double? Auc(ReadOnlySpan<int> weights)
    {
        if (_data.Classes == 2)
        {
            return _ranked[1].AreaUnderRoc(weights);
        }

        double sum = 0;
        int classes = 0;
        for (int k = 0; k < _ranked.Length; k++)
        {
            int positives = Positives(k);
            if (positives == 0 || positives == _data.Count)
            {
                continue;
            }

            if (_ranked[k].AreaUnderRoc(weights) is not { } area)
            {
                return null;
            }

            sum += area;
            classes++;
        }

        return classes == 0 ? null : sum / classes;
    }

    public double?[] AucPerClass() => [.. _ranked.Select(ranked => ranked.AreaUnderRoc())];

    public double? AveragePrecision() => _data.Classes == 2
        ? _ranked[1].AveragePrecision()
        : _ranked.Select(ranked => ranked.AveragePrecision()).Average();

    public double? MacroF1() => Metrics.MacroF1.Of(_confusion);

    public double? Kappa()
    {
        double n = _data.Count;
        if (n == 0)
        {
            return null;
        }

        double observed = 0;
        double expected = 0;
        for (int k = 0; k < _data.Classes; k++)
        {
            observed += _confusion[k][k] / n;
            expected += _confusion[k].Sum() / n * (_confusion.Sum(row => row[k]) / n);
        }

        return 1 - expected < 1e-12 ? null : (observed - expected) / (1 - expected);
    }

    public double? Brier()
    {
        if (_data.Count == 0)
        {
            return null;
        }

        double sum = 0;
        for (int i = 0; i < _data.Count; i++)
        {
            for (int k = _data.Classes == 2 ? 1 : 0; k < _data.Classes; k++)
            {
                double difference = _data.Probability(i, k) - (_labels[i] == k ? 1 : 0);
                sum += difference * difference;
            }
        }

        return sum / _data.Count;
    }

    public double? ExpectedCalibrationError()
    {
        if (_data.Count == 0)
        {
            return null;
        }

        var confidence = new double[CalibrationBins];
        var right = new double[CalibrationBins];
        for (int i = 0; i < _data.Count; i++)
        {
            int top = _data.Predicted(i, threshold: null);
            double p = _data.Probability(i, top);
            int bin = Math.Clamp((int)Math.Ceiling(p * CalibrationBins) - 1, 0, CalibrationBins - 1); // bins are (low, high]
            confidence[bin] += p;
            right[bin] += _labels[i] == top ? 1 : 0;
        }

        return Enumerable.Range(0, CalibrationBins).Sum(bin => Math.Abs(right[bin] - confidence[bin])) / _data.Count;
    }

    private RankedScores Rank(int label)
    {
        var scores = new double[_labels.Length];
        var positive = new bool[_labels.Length];
        for (int i = 0; i < scores.Length; i++)
        {
            scores[i] = _data.Probability(i, label);
            positive[i] = _labels[i] == label;
        }

        return new RankedScores(scores, positive);
    }
}
