using Pellicle.Privacy.Noise;

namespace Pellicle.Privacy.Sampling;

/// <summary>Draws the units of each logical step. A step's draw depends on the run key and the step number only, so a resumed run draws the same.</summary>
/// <remarks>The classes of this family are made by the training plan, so that what is drawn is what is accounted for.</remarks>
public abstract class BatchSampler
{
    private readonly List<int> _chosen = [];
    private int[] _scratch = [];

    private protected BatchSampler(PrivacyUnits units, int maxImagesPerUnit, RunKey key)
    {
        ArgumentNullException.ThrowIfNull(units);
        ArgumentNullException.ThrowIfNull(key);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxImagesPerUnit, 1);
        Units = units;
        MaxImagesPerUnit = maxImagesPerUnit;
        Key = key;
    }

    /// <summary>The units drawn from.</summary>
    public PrivacyUnits Units { get; }

    /// <summary>Most records that one unit brings to a step.</summary>
    public int MaxImagesPerUnit { get; }

    private protected RunKey Key { get; }

    /// <summary>Draws the batch of a step.</summary>
    /// <param name="step">1 for the first; not before the run key's position.</param>
    public SampledBatch Sample(long step)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(step, 1);
        using SecureStream stream = Key.StreamFor(KeyPurpose.Sampling, step);
        _chosen.Clear();
        ChooseUnits(step, stream, _chosen);
        int[] units = [.. _chosen];
        var records = new List<int>(units.Length);
        var unitOfRecord = new List<int>(units.Length);
        for (int u = 0; u < units.Length; u++)
        {
            foreach (int record in ChooseRecords(Units.RecordsOf(units[u]), stream))
            {
                records.Add(record);
                unitOfRecord.Add(u);
            }
        }

        return new SampledBatch(units, records, unitOfRecord);
    }

    /// <summary>Adds the numbers of the units that the step uses.</summary>
    /// <param name="step">The step.</param>
    /// <param name="stream">Secure stream of this step.</param>
    /// <param name="chosen">Empty at entry.</param>
    private protected abstract void ChooseUnits(long step, SecureStream stream, List<int> chosen);

    /// <summary>At most <see cref="MaxImagesPerUnit"/> of a unit's records, uniformly without replacement (Fisher and Yates, stopped early).</summary>
    private ReadOnlySpan<int> ChooseRecords(ReadOnlySpan<int> records, SecureStream stream)
    {
        if (records.Length <= MaxImagesPerUnit)
        {
            return records;
        }

        if (_scratch.Length < records.Length)
        {
            _scratch = new int[records.Length];
        }

        Span<int> pool = _scratch.AsSpan(0, records.Length);
        records.CopyTo(pool);
        for (int i = 0; i < MaxImagesPerUnit; i++)
        {
            int j = i + stream.NextInt(pool.Length - i);
            (pool[i], pool[j]) = (pool[j], pool[i]);
        }

        return pool[..MaxImagesPerUnit];
    }
}
