namespace Pellicle.Core.Random;

/// <summary>Reproducible numbers for initialisation, splits, augmentation, synthetic data and tests. Never for noise, keys or masks.</summary>
public interface ISeededRandom
{
    /// <summary>Next 64 uniform bits.</summary>
    ulong NextUInt64();

    /// <summary>Derives an independent generator for a purpose, without advancing this one: same seed, purpose and index give the same stream.</summary>
    /// <param name="purpose">Fixed name, such as "init" or "augment".</param>
    /// <param name="index">Item within the purpose, such as an image or step number.</param>
    ISeededRandom Derive(string purpose, ulong index = 0);
}
