namespace Pellicle.Privacy.Accounting;

/// <summary>Replaces many different phases by fewer that cost at least as much.</summary>
/// <remarks>More noise is post-processing of less noise, so a phase may be judged by a smaller noise multiplier. Phases of one sample rate
/// are put in order of noise; neighbours are merged where the ratio of their multipliers is smallest.</remarks>
internal static class PhaseMerging
{
    /// <summary>Merges until at most so many are left, or no two have the same sampling.</summary>
    /// <param name="most">At least 1.</param>
    /// <param name="phases">Distinct events.</param>
    public static IReadOnlyList<PrivacyPhase> AtMost(int most, IReadOnlyList<PrivacyPhase> phases)
    {
        if (phases.Count <= most)
        {
            return phases;
        }

        List<PrivacyPhase> sorted = [.. phases.OrderBy(p => p.Event.Sampling).ThenBy(p => p.Event.SampleRate).ThenBy(p => p.Event.NoiseMultiplier)];
        while (sorted.Count > most)
        {
            int best = -1;
            double ratio = double.PositiveInfinity;
            for (int i = 0; i + 1 < sorted.Count; i++)
            {
                MechanismEvent a = sorted[i].Event;
                MechanismEvent b = sorted[i + 1].Event;
                // Ratios of a geometric schedule are equal but for rounding, which must not decide: the bound would jump as the noise is searched.
                if (a.Sampling == b.Sampling && a.SampleRate == b.SampleRate && b.NoiseMultiplier / a.NoiseMultiplier < ratio * (1 - 1e-10))
                {
                    (best, ratio) = (i, b.NoiseMultiplier / a.NoiseMultiplier);
                }
            }

            if (best < 0)
            {
                break;
            }

            sorted[best] = new PrivacyPhase(sorted[best].Event, sorted[best].Steps + sorted[best + 1].Steps);
            sorted.RemoveAt(best + 1);
        }

        return sorted;
    }
}
