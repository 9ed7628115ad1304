using Pellicle.Privacy.Accounting;

namespace Pellicle.Audit.Gradients;

/// <summary>What one released value says about a planted gradient: the log-likelihood ratio of "in" against "out".</summary>
/// <remarks>x is the projection of the noised sum in units of C, so that a gradient that was drawn moves it by 1 and the noise has standard deviation σ.
/// Who sees the releases does not see who was drawn: with Poisson samples of rate q the ratio is (1 − q) + q·exp((x − ½)/σ²). Shuffled batches claim no
/// amplification, so the attacker is told the order. With fixed-size samples the neighbour holds the opposite gradient in the same place.</remarks>
public static class StepEvidence
{
    /// <summary>The log-likelihood ratio; without noise the projection itself.</summary>
    /// <param name="sampling">How units are drawn; null for ordinary training, whose order the attacker knows.</param>
    /// <param name="sampleRate">q in (0, 1].</param>
    /// <param name="projection">x.</param>
    /// <param name="noise">σ, at least 0, in units of C.</param>
    /// <param name="isDrawn">The unit was drawn; used only where the attacker may know.</param>
    public static double Of(SamplingKind? sampling, double sampleRate, double projection, double noise, bool isDrawn)
    {
        bool knowsOrder = sampling is null or SamplingKind.Shuffled;
        if (knowsOrder && !isDrawn)
        {
            return 0;
        }

        if (noise == 0)
        {
            return projection;
        }

        double variance = noise * noise;
        double ratio = (projection - 0.5) / variance;
        return sampling switch
        {
            SamplingKind.Poisson => Mixture(sampleRate, ratio),
            SamplingKind.FixedSize => Mixture(sampleRate, ratio) - Mixture(sampleRate, (-projection - 0.5) / variance),
            _ => ratio,
        };
    }

    private static double Mixture(double rate, double ratio) => rate >= 1 ? ratio : LogSpace.Add(Math.Log(1 - rate), Math.Log(rate) + ratio);
}
