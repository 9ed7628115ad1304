using Pellicle.Native;

namespace Pellicle.Tensors.Tests.Operators;

/// <summary>Base of tests that run every kernel variant of this processor against libtorch's own operators.</summary>
public abstract class OperatorTest : IDisposable
{
    // Sums of a few hundred float32 terms of order one: some tens of rounding errors of 6e-8 each.
    protected const double Float32Tolerance = 5e-6;

    private readonly TensorScope _scope = TensorScope.Open();

    public static TheoryData<string> Variants => [.. NativeRuntime.KernelVariants];

    public void Dispose()
    {
        NativeRuntime.SelectKernels("");
        _scope.Dispose();
        GC.SuppressFinalize(this);
    }

    protected static void Use(string variant) => NativeRuntime.SelectKernels(variant);

    /// <summary>Compares value and derivative of two ways to compute the same, for a random weighting of the outputs.</summary>
    protected static void AssertAlike(Func<Tensor, Tensor> slow, Func<Tensor, Tensor> fast, Tensor input, double tolerance = Float32Tolerance)
    {
        (Tensor expected, Tensor expectedGradient) = Differentiate(slow, input);
        (Tensor actual, Tensor actualGradient) = Differentiate(fast, input);
        Samples.AssertClose(expected, actual, tolerance);
        Samples.AssertClose(expectedGradient, actualGradient, tolerance);
    }

    protected static (Tensor Value, Tensor Gradient) Differentiate(Func<Tensor, Tensor> function, Tensor input)
    {
        Tensor x = input.Clone().RequireGradient();
        Tensor y = function(x);
        Tensor weights = Samples.Normal(99, y.Shape).To(y.Type);
        Tensor gradient = Tensor.Gradients((y * weights).Sum(), [x])[0]!;
        return (y.Detach(), gradient);
    }

    /// <summary>The derivative for a parameter, one unit of images at a time, by ordinary automatic differentiation in double.</summary>
    protected static Tensor[] UnitGradients(Tensor images, Tensor outputGradient, Tensor parameter, long[] offsets, Func<Tensor, Tensor, Tensor> function)
    {
        var gradients = new Tensor[offsets.Length - 1];
        for (int unit = 0; unit < gradients.Length; unit++)
        {
            long first = offsets[unit];
            long count = offsets[unit + 1] - first;
            Tensor weight = parameter.To(DType.Float64).Clone().RequireGradient();
            Tensor output = function(images.Narrow(0, first, count).To(DType.Float64), weight);
            Tensor loss = (output * outputGradient.Narrow(0, first, count).To(DType.Float64)).Sum();
            gradients[unit] = Tensor.Gradients(loss, [weight])[0]!;
        }

        return gradients;
    }

    protected static Tensor SquaredNorms(params Tensor[] perUnit) => Tensor.Stack(0, [.. perUnit.Select(g => g.Square().Sum())]);

    protected static Tensor Weighted(Tensor[] perUnit, double[] factors)
    {
        Tensor sum = perUnit[0] * factors[0];
        for (int i = 1; i < perUnit.Length; i++)
        {
            sum += perUnit[i] * factors[i];
        }

        return sum;
    }

    protected static long[] OneEach(long n) => [.. Enumerable.Range(0, (int)n + 1).Select(i => (long)i)];
}
