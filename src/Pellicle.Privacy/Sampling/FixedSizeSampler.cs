using Pellicle.Privacy.Noise;

namespace Pellicle.Privacy.Sampling;

/// <summary>Exactly L units per step, uniformly without replacement; independent from step to step.</summary>
public sealed class FixedSizeSampler : BatchSampler
{
    private readonly int[] _pool;

    internal FixedSizeSampler(PrivacyUnits units, int batchSize, int maxImagesPerUnit, RunKey key)
        : base(units, maxImagesPerUnit, key)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(batchSize, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(batchSize, units.Count);
        BatchSize = batchSize;
        _pool = new int[units.Count];
    }

    /// <summary>L.</summary>
    public int BatchSize { get; }

    private protected override void ChooseUnits(long step, SecureStream stream, List<int> chosen)
    {
        // The pool starts in order each time: the draw must not depend on earlier steps, or a resume would differ.
        for (int i = 0; i < _pool.Length; i++)
        {
            _pool[i] = i;
        }

        for (int i = 0; i < BatchSize; i++)
        {
            int j = i + stream.NextInt(_pool.Length - i);
            (_pool[i], _pool[j]) = (_pool[j], _pool[i]);
            chosen.Add(_pool[i]);
        }
    }
}
