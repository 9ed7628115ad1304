namespace Pellicle.Audit.Statistics;

/// <summary>The logit-scaled confidence φ = ln(p/(1 − p)) of the true class, near normal over models (Carlini et al. 2022, section V.A).</summary>
public static class LogitConfidence
{
    /// <summary>Beyond this a loss says only "certain": p differs from 0 or 1 by less than double precision holds.</summary>
    public const double Largest = 40;

    /// <summary>From the cross-entropy ℓ = −ln p, without forming 1 − p.</summary>
    /// <param name="loss">Nats, at least 0; not a number counts as infinite.</param>
    /// <returns>In −40 … 40.</returns>
    public static double OfLoss(double loss)
    {
        if (double.IsNaN(loss))
        {
            return -Largest;
        }

        // −ℓ − ln(1 − e^−ℓ): for small ℓ the second term is −ln ℓ, so nothing cancels.
        double rest = loss <= 0 ? double.NegativeInfinity : loss < 1e-5 ? Math.Log(loss) - loss / 2 : Math.Log(1 - Math.Exp(-loss));
        return Math.Clamp(-loss - rest, -Largest, Largest);
    }
}
