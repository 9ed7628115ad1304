namespace Pellicle.Formats.Onnx.Operators;

/// <summary>The error function in double precision.</summary>
internal static class ErrorFunction
{
    /// <summary>erf(x), to about 1e-15.</summary>
    /// <remarks>Abramowitz and Stegun, 7.1.6: a series of positive terms, so nothing cancels. Beyond 6 the function is 1 in double precision.</remarks>
    public static double Erf(double x)
    {
        if (!(Math.Abs(x) < 6))
        {
            return double.IsNaN(x) ? x : Math.Sign(x);
        }

        double term = x;
        double sum = x;
        for (int n = 1; Math.Abs(term) > 1e-17 * Math.Abs(sum); n++)
        {
            term *= 2 * x * x / ((2 * n) + 1);
            sum += term;
        }

        return 2 / Math.Sqrt(Math.PI) * Math.Exp(-x * x) * sum;
    }
}
