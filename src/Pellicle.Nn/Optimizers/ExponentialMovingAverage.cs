using System.Numerics;
using Pellicle.Tensors;

namespace Pellicle.Nn.Optimizers;

/// <summary>Running average of parameters after each update; post-processing, so it costs no privacy.</summary>
/// <remarks>Decay with warm-up min(d, (1+t)/(10+t)) at update t = 0, 1, …</remarks>
public sealed class ExponentialMovingAverage : IDisposable
{
    private readonly double _decay;
    private readonly Dictionary<string, Tensor> _averages = [];

    /// <summary>Makes an empty average; the first update copies the parameters.</summary>
    /// <param name="decay">d, in [0, 1).</param>
    public ExponentialMovingAverage(double decay = 0.999)
    {
        if (!(decay >= 0 && decay < 1))
        {
            throw new ArgumentOutOfRangeException(nameof(decay), decay, "Expected a value of at least 0 and below 1.");
        }

        _decay = decay;
    }

    /// <summary>Updates made so far.</summary>
    public long UpdateCount { get; private set; }

    /// <summary>Parameter name → averaged values.</summary>
    public IReadOnlyDictionary<string, Tensor> Averages => _averages;

    /// <summary>Takes the current values in.</summary>
    /// <param name="parameters">The same at every call.</param>
    public void Update(IReadOnlyList<Parameter> parameters)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        double decay = Math.Min(_decay, (1.0 + UpdateCount) / (10.0 + UpdateCount));
        foreach (Parameter parameter in parameters)
        {
            if (_averages.TryGetValue(parameter.Name, out Tensor? average))
            {
                Blend(average.Data<float>(), parameter.Value.Data<float>(), (float)(1 - decay));
            }
            else
            {
                _averages[parameter.Name] = parameter.Value.Clone().Detached();
            }
        }

        UpdateCount++;
    }

    /// <summary>Exchanges averages and current values; a second call undoes the first.</summary>
    /// <param name="parameters">As given to <see cref="Update"/>.</param>
    public void Exchange(IReadOnlyList<Parameter> parameters)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        foreach (Parameter parameter in parameters)
        {
            if (_averages.TryGetValue(parameter.Name, out Tensor? average))
            {
                using Tensor former = parameter.Value.Clone().Detached();
                parameter.Value.CopyFrom(average);
                average.CopyFrom(former);
            }
        }
    }

    /// <summary>Takes over the state of a checkpoint.</summary>
    /// <param name="updateCount">Updates made by then.</param>
    /// <param name="averages">As <see cref="Averages"/> gave it; values are copied.</param>
    public void Restore(long updateCount, IReadOnlyDictionary<string, Tensor> averages)
    {
        ArgumentNullException.ThrowIfNull(averages);
        Dispose();
        foreach ((string name, Tensor value) in averages)
        {
            _averages[name] = value.Clone().Detached();
        }

        UpdateCount = updateCount;
    }

    /// <summary>Frees the averages.</summary>
    public void Dispose()
    {
        foreach (Tensor average in _averages.Values)
        {
            average.Dispose();
        }

        _averages.Clear();
    }

    private static void Blend(Span<float> average, ReadOnlySpan<float> value, float share)
    {
        int i = 0;
        for (; i <= average.Length - Vector<float>.Count; i += Vector<float>.Count)
        {
            var old = new Vector<float>(average[i..]);
            (old + ((new Vector<float>(value[i..]) - old) * share)).CopyTo(average[i..]);
        }

        for (; i < average.Length; i++)
        {
            average[i] += (value[i] - average[i]) * share;
        }
    }
}
