using Pellicle.Core.Random;
using Pellicle.Privacy.Sampling;

namespace Pellicle.Training.Steps;

/// <summary>Batches of ordinary training: every epoch is a new permutation of all images, cut into batches. No privacy is claimed from it.</summary>
internal sealed class OrdinaryBatches(int images, int batch, ISeededRandom random)
{
    private readonly int[] _order = [.. Enumerable.Range(0, images)];
    private long _epoch = -1;

    /// <summary>The batch of a step, a function of seed and step only. The last batch of an epoch may be smaller.</summary>
    /// <param name="step">1 for the first.</param>
    public SampledBatch Sample(long step)
    {
        long perEpoch = (images + batch - 1) / batch;
        long epoch = (step - 1) / perEpoch;
        if (epoch != _epoch)
        {
            for (int i = 0; i < _order.Length; i++)
            {
                _order[i] = i;
            }

            random.Derive("epoch", (ulong)epoch).Shuffle<int>(_order);
            _epoch = epoch;
        }

        int start = (int)((step - 1) % perEpoch) * batch;
        int[] chosen = _order[start..Math.Min(start + batch, images)];
        return new SampledBatch(chosen, chosen, [.. Enumerable.Range(0, chosen.Length)]);
    }
}
