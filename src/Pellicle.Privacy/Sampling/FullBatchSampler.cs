using Pellicle.Privacy.Noise;

namespace Pellicle.Privacy.Sampling;

/// <summary>All units in every step.</summary>
public sealed class FullBatchSampler : BatchSampler
{
    internal FullBatchSampler(PrivacyUnits units, int maxImagesPerUnit, RunKey key)
        : base(units, maxImagesPerUnit, key)
    {
    }

    private protected override void ChooseUnits(long step, SecureStream stream, List<int> chosen) => chosen.AddRange(Enumerable.Range(0, Units.Count));
}
