using Pellicle.Privacy.Noise;

namespace Pellicle.Privacy.Sampling;

/// <summary>Each epoch is a random permutation cut into batches of L; the last batch may be smaller. Each unit is used once per epoch.</summary>
/// <remarks>Accounted as one plain Gaussian per epoch under zero-out-one, never as Poisson sampling.</remarks>
public sealed class ShuffledSampler : BatchSampler
{
    private readonly int[] _permutation;
    private long _epoch = -1;

    internal ShuffledSampler(PrivacyUnits units, int batchSize, int maxImagesPerUnit, RunKey key)
        : base(units, maxImagesPerUnit, key)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(batchSize, 1);
        BatchSize = batchSize;
        StepsPerEpoch = (units.Count + batchSize - 1) / batchSize;
        _permutation = new int[units.Count];
    }

    /// <summary>L.</summary>
    public int BatchSize { get; }

    /// <summary>ceil(n/L).</summary>
    public int StepsPerEpoch { get; }

    private protected override void ChooseUnits(long step, SecureStream stream, List<int> chosen)
    {
        long epoch = (step - 1) / StepsPerEpoch;
        if (epoch != _epoch)
        {
            Permute(epoch);
        }

        int start = checked((int)((step - 1) % StepsPerEpoch) * BatchSize);
        for (int i = start; i < Math.Min(start + BatchSize, _permutation.Length); i++)
        {
            chosen.Add(_permutation[i]);
        }
    }

    private void Permute(long epoch)
    {
        for (int i = 0; i < _permutation.Length; i++)
        {
            _permutation[i] = i;
        }

        using SecureStream stream = Key.StreamForEpoch(epoch);
        for (int i = _permutation.Length - 1; i > 0; i--)
        {
            int j = stream.NextInt(i + 1);
            (_permutation[i], _permutation[j]) = (_permutation[j], _permutation[i]);
        }

        _epoch = epoch;
    }
}
