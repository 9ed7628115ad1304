using Pellicle.Mpc.Core;
using Pellicle.Mpc.Protocols;

namespace Pellicle.Mpc.Operators;

/// <summary>Activations on shares.</summary>
/// <remarks>Errors of the approximations against the exact functions, before rounding (a test scans them): tanh 6e-4, softplus 5e-4, sigmoid 4e-4, GELU and SELU 3e-4, ELU and exp on the negative axis 2e-4.</remarks>
public static class Activation
{
    private const double SeluScale = 1.05070098735548, SeluSlope = 1.67326324235437;

    /// <summary>tanh x.</summary>
    public static PiecewisePolynomial Tanh { get; } = PiecewisePolynomial.Fit(Math.Tanh, [-4.5, -2, -0.85, 0.85, 2, 4.5], 5, [-1], [1]);

    /// <summary>1 / (1 + e^-x).</summary>
    public static PiecewisePolynomial Sigmoid { get; } = PiecewisePolynomial.Fit(x => 1 / (1 + Math.Exp(-x)), [-8.5, -4.5, -2, 2, 4.5, 8.5], 5, [0], [1]);

    /// <summary>x · Φ(x), the exact GELU (Hendrycks and Gimpel 2016).</summary>
    public static PiecewisePolynomial Gelu { get; } = PiecewisePolynomial.Fit(x => x * NormalDistribution(x), [-4.5, -2.5, -1, 1, 2.5, 4.5], 6, [0], [0, 1]);

    /// <summary>x from 0 on, e^x - 1 below (Clevert et al. 2016).</summary>
    public static PiecewisePolynomial Elu { get; } = PiecewisePolynomial.Fit(x => Math.Exp(x) - 1, [-10, -6, -3, -1, 0], 5, [-1], [0, 1]);

    /// <summary>λx from 0 on, λα(e^x - 1) below, with the constants of Klambauer et al. 2017.</summary>
    public static PiecewisePolynomial Selu { get; } = PiecewisePolynomial.Fit(x => SeluScale * SeluSlope * (Math.Exp(x) - 1), [-10, -6, -3, -1, 0], 5, [-SeluScale * SeluSlope], [0, SeluScale]);

    /// <summary>ln(1 + e^x).</summary>
    public static PiecewisePolynomial Softplus { get; } = PiecewisePolynomial.Fit(x => Math.Log(1 + Math.Exp(x)), [-8.5, -4.5, -2, 2, 4.5, 8.5], 5, [0], [0, 1]);

    /// <summary>e^x for x up to 0.</summary>
    public static PiecewisePolynomial Exp { get; } = PiecewisePolynomial.Fit(Math.Exp, [-10, -6, -3, -1, 0.25], 5, [0], [1.25]);

    /// <summary>max(x, 0), exact.</summary>
    /// <param name="protocol">This party's protocol.</param>
    /// <param name="x">Elements within the sign width.</param>
    /// <param name="signWidth">l.</param>
    public static SharedTensor Relu(ITensorProtocol protocol, SharedTensor x, int signWidth)
    {
        ArgumentNullException.ThrowIfNull(protocol);
        return protocol.SelectShare(protocol.IsNonNegative(x, signWidth), x);
    }

    // Φ by Simpson's rule from 0: the density is smooth, 64 steps give 1e-9 on the range used.
    private static double NormalDistribution(double x)
    {
        const int Steps = 64;
        double h = x / Steps, sum = 0;
        for (int i = 0; i <= Steps; i++)
        {
            double t = i * h;
            sum += Math.Exp(-t * t / 2) * (i is 0 or Steps ? 1 : i % 2 == 0 ? 2 : 4);
        }

        return 0.5 + (sum * h / 3 / Math.Sqrt(2 * Math.PI));
    }
}
