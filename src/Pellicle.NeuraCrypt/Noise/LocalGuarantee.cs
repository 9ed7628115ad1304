namespace Pellicle.NeuraCrypt.Noise;

/// <summary>Local differential privacy of one released image.</summary>
/// <param name="Epsilon">For one image, released once.</param>
/// <param name="Delta">Beside it.</param>
/// <param name="Unit">One image, replaced by any other.</param>
/// <param name="Sampling">"none": every image is released.</param>
/// <param name="Accountant">The exact profile of the Gaussian mechanism.</param>
/// <param name="Clip">Bound of the L2 norm.</param>
/// <param name="Sensitivity">L2.</param>
/// <param name="StandardDeviation">Of the noise.</param>
public sealed record LocalGuarantee(double Epsilon, double Delta, string Unit, string Sampling, string Accountant, double Clip, double Sensitivity, double StandardDeviation);
