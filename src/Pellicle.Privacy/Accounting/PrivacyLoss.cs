namespace Pellicle.Privacy.Accounting;

/// <summary>The privacy loss of one step of the Poisson-subsampled Gaussian in one direction, as a random variable.</summary>
/// <remarks>L(x) = ln(1 − q + q e^((2x−1)/(2σ²))), inverse x(l) = σ² ln((e^l − 1 + q)/q) + ½ above ln(1 − q), else −∞.
/// Remove: x ~ (1−q)N(0,σ²) + qN(1,σ²), loss L(x). Add: x ~ N(0,σ²), loss −L(x). (Gopi, Lee, Wutschitz 2021, Section 5.)</remarks>
internal sealed class PrivacyLoss(double sampleRate, double noiseMultiplier, bool isRemove)
{
    private readonly double _q = sampleRate;
    private readonly double _sigma = noiseMultiplier;
    private readonly double _variance = noiseMultiplier * noiseMultiplier;

    /// <summary>L(x), for either direction's x before the sign is applied.</summary>
    public double LossAt(double x)
    {
        double v = (2 * x - 1) / (2 * _variance);
        double loss = _q == 1 ? v : PoissonGaussianRdp.LogRatio(_q, x, _variance);
        return isRemove ? loss : -loss;
    }

    /// <summary>Losses between which all but 2Φ(−z) of the mass lies.</summary>
    public (double Low, double High) Range(double z)
    {
        double a = LossAt(-z * _sigma);
        double b = LossAt((isRemove ? 1 : 0) + z * _sigma);
        return a < b ? (a, b) : (b, a);
    }

    /// <summary>Mean of the loss, to about 1e-14 absolute: trapezoidal rule in x, exponentially convergent.</summary>
    public double Mean()
    {
        double strip = Math.Min(Math.PI * _variance, 8 * _sigma);
        double step = 2 * Math.PI * strip / (60 + strip * strip / (2 * _variance));
        long first = (long)Math.Floor(-12 * _sigma / step);
        long last = (long)Math.Ceiling((1 + 12 * _sigma) / step);
        double sum = 0;
        double total = 0;
        for (long i = first; i <= last; i++)
        {
            double x = i * step;
            double density = Math.Exp(-x * x / (2 * _variance));
            if (isRemove)
            {
                double y = x - 1;
                density = (1 - _q) * density + _q * Math.Exp(-y * y / (2 * _variance));
            }

            sum += density * LossAt(x);
            total += density;
        }

        return sum / total;
    }

    /// <summary>x(l): where L(x) = l; negative infinity for losses that do not occur.</summary>
    public double Inverse(double loss)
    {
        if (_q == 1)
        {
            return _variance * loss + 0.5;
        }

        double logRatio = loss > 30
            ? loss - Math.Log(_q) + LogSpace.Log1P((_q - 1) * Math.Exp(-loss))
            : LogOfShifted(LogSpace.ExpM1(loss) / _q);
        return _variance * logRatio + 0.5;
    }

    private static double LogOfShifted(double ratio) => ratio <= -1 ? double.NegativeInfinity : LogSpace.Log1P(ratio);
}
