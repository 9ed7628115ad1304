using System.Globalization;
using Pellicle.Core.Errors;

namespace Pellicle.Data.Splits;

/// <summary>Shares of train, validation and test, written "80/10/10".</summary>
/// <param name="Train">Above 0.</param>
/// <param name="Validation">At least 0.</param>
/// <param name="Test">At least 0; the three add up to 1.</param>
internal readonly record struct SplitShares(double Train, double Validation, double Test)
{
    /// <exception cref="UsageException">Not three numbers that add up to 100.</exception>
    internal static SplitShares Parse(string text)
    {
        string[] parts = text.Split('/');
        double[] shares = [.. parts.Select(p => double.TryParse(p, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double v) ? v / 100 : double.NaN)];
        return shares.Length == 3 && shares[0] > 0 && Math.Abs(shares.Sum() - 1) < 1e-6
            ? new SplitShares(shares[0], shares[1], shares[2])
            : throw new UsageException($"the split is '{text}'; expected three percentages train/validation/test that add up to 100, train above 0", "For example 80/10/10.");
    }

    internal string At(double position) => position < Train ? SplitName.Train : position < Train + Validation ? SplitName.Validation : SplitName.Test;
}
