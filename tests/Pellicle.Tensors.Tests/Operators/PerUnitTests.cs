namespace Pellicle.Tensors.Tests.Operators;

public sealed class PerUnitTests : OperatorTest
{
    public static TheoryData<string, int, int, int> Cases
    {
        get
        {
            var data = new TheoryData<string, int, int, int>();
            foreach (string variant in Native.NativeRuntime.KernelVariants)
            {
                data.Add(variant, 1, 20, 30);
                data.Add(variant, 7, 20, 30);
                data.Add(variant, 150, 33, 9);
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Per_unit_gradients_of_a_linear_map_match_automatic_differentiation(string variant, int rows, int inputs, int outputs)
    {
        Use(variant);
        Tensor a = Samples.Normal(1, 6, rows, inputs);
        Tensor g = Samples.Normal(2, 6, rows, outputs);
        foreach (long[] offsets in new[] { OneEach(6), [0, 2, 2, 5, 6] })
        {
            Tensor units = Tensor.From<long>(offsets, offsets.Length);
            double[] factors = [.. Enumerable.Range(1, offsets.Length - 1).Select(i => 1.0 / i)];
            Tensor[] weights = UnitGradients(a, g, Tensor.Zeros(outputs, inputs), offsets, (x, w) => x.Linear(w, null));
            Tensor[] biases = UnitGradients(a, g, Tensor.Zeros(outputs), offsets, (x, b) => x.Linear(Tensor.Zeros(DType.Float64, outputs, inputs), b));
            Tensor squared = SquaredNorms(weights) + SquaredNorms(biases);
            Tensor c = Tensor.From<double>(factors, factors.Length);

            Samples.AssertClose(squared, PellicleOperators.GramNorms.CallMany(2, a, g, true, units)[0]!, Float32Tolerance);
            Samples.AssertClose(SquaredNorms(weights), PellicleOperators.GramNorms.CallMany(2, a, g, false, units)[0]!, Float32Tolerance);
            Tensor?[] direct = PellicleOperators.SampleGradients.CallMany(3, a, g, true, true, units);
            Samples.AssertClose(squared, direct[0]!, Float32Tolerance);
            Samples.AssertClose(Tensor.Stack(0, weights), direct[1]!, Float32Tolerance);
            Samples.AssertClose(Tensor.Stack(0, biases), direct[2]!, Float32Tolerance);
            Assert.Null(PellicleOperators.SampleGradients.CallMany(3, a, g, true, false, units)[1]);
            Samples.AssertClose(Weighted(weights, factors), PellicleOperators.WeightedSum.Call(direct[1], c), Float32Tolerance);
            Tensor?[] sums = PellicleOperators.ClippedSum.CallMany(2, a, g, c, true, units);
            Samples.AssertClose(Weighted(weights, factors), sums[0]!, Float32Tolerance);
            Samples.AssertClose(Weighted(biases, factors), sums[1]!, Float32Tolerance);
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Clipped_sums_of_bfloat16_rows_err_by_less_than_the_stated_bound(string variant, int rows, int inputs, int outputs)
    {
        Use(variant);
        Tensor a = Samples.Normal(1, 6, rows, inputs).To(DType.BFloat16);
        Tensor g = Samples.Normal(2, 6, rows, outputs).To(DType.BFloat16);
        double[] factors = [1.0 / 3, 0.7, 1e-3, 1, 0.9, 1.0 / 7];
        Tensor c = Tensor.From<double>(factors, factors.Length);
        Tensor wideInputs = a.To(DType.Float64).Reshape(-1, inputs);
        Tensor wideGradients = (g.To(DType.Float64) * c.Reshape(-1, 1, 1)).Reshape(-1, outputs);
        Tensor exact = wideGradients.Transpose().MatMul(wideInputs);
        double spread = Samples.Doubles((wideGradients * wideGradients).Sum(1)).Zip(Samples.Doubles((wideInputs * wideInputs).Sum(1)), (x, y) => Math.Sqrt(x * y)).Sum();
        double bound = (Math.ScaleB(1, -17) + ((6 * rows) + 2) * Math.ScaleB(1, -24)) * spread;
        foreach (bool alwaysSplit in new[] { false, true })
        {
            Tensor?[] sums = PellicleOperators.ClippedSum.CallMany(2, a, g, c, true, (Tensor?)null, alwaysSplit);
            Assert.Equal(DType.Float32, sums[0]!.Type);
            Assert.InRange(Distance(sums[0]!, exact), 0, bound);
            Samples.AssertClose(wideGradients.Sum(0), sums[1]!, Float32Tolerance);
        }

        // A scaled row in one bfloat16 part does not meet it.
        Tensor rounded = wideGradients.To(DType.Float32).To(DType.BFloat16).To(DType.Float64);
        Assert.True(Distance(rounded.Transpose().MatMul(wideInputs), exact) > (rows == 1 ? bound : bound / 4), "one part would do");
    }

    [Theory]
    [MemberData(nameof(Variants))]
    public void Not_a_number_stays_so_in_bfloat16(string variant)
    {
        Use(variant);
        float[] values = [float.NaN, BitConverter.UInt32BitsToSingle(0x7fffffff), BitConverter.UInt32BitsToSingle(0xffffffff), float.PositiveInfinity, 1];
        float[] back = PellicleOperators.Cast.Call(Tensor.From<float>(values, 5), (int)DType.BFloat16).To(DType.Float32).ToArray<float>();
        Assert.Equal([float.NaN, float.NaN, float.NaN, float.PositiveInfinity, 1], back);
    }

    private static double Distance(Tensor sum, Tensor exact) =>
        Math.Sqrt(Samples.Doubles(sum).Zip(Samples.Doubles(exact), (x, y) => (x - y) * (x - y)).Sum());

    [Theory]
    [MemberData(nameof(Variants))]
    public void Squared_norms_of_long_rows_do_not_read_low(string variant)
    {
        Use(variant);
        // Float32 accumulation stops growing at 2^24 equal terms; the exact answer is the count.
        Tensor x = Tensor.Ones(DType.Float32, 1, (1 << 24) + (1 << 20));
        Assert.Equal((1 << 24) + (1 << 20), PellicleOperators.SquaredRowNorms.Call(x).Item());
    }

    [Theory]
    [MemberData(nameof(Variants))]
    public void Gram_norms_of_cancelling_rows_err_by_less_than_the_stated_bound(string variant)
    {
        Use(variant);
        Tensor a = Samples.Normal(1, 3, 40, 64);
        Tensor g = Samples.Normal(2, 3, 40, 48);
        // Rows 20…39 repeat rows 0…19 with the gradient's sign changed: the true gradient is tiny.
        Tensor head = a.Narrow(1, 0, 20);
        a = Tensor.Concatenate(1, head, head);
        Tensor gradient = g.Narrow(1, 0, 20);
        g = Tensor.Concatenate(1, gradient, gradient * -1 * 1.0001);
        double[] expected = ExactSquaredNorms(a, g);
        Tensor?[] results = PellicleOperators.GramNorms.CallMany(2, a, g, false);
        double[] actual = Samples.Doubles(results[0]!);
        double[] spread = Samples.Doubles(results[1]!);
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.True((64 + 48) * Math.ScaleB(1, -24) * spread[i] > 1e-3 * expected[i], "the sample must cancel so far that float32 would not do");

            // Once for the operator, once for the loop that it is compared with.
            double bound = 2 * (64 + 48 + 80 + 4) * Math.ScaleB(1, -53) * spread[i];
            Assert.InRange(actual[i], expected[i] - bound, expected[i] + bound);
        }
    }

    [Theory]
    [InlineData(64, 256, 3)]
    [InlineData(65, 257, 300)]
    [InlineData(150, 30, 520)]
    public void Gram_norms_of_more_rows_and_columns_than_a_block_are_exact(int rows, int inputWidth, int outputWidth)
    {
        Tensor a = Samples.Normal(1, 2, rows, inputWidth);
        Tensor g = Samples.Normal(2, 2, rows, outputWidth);
        double[] expected = ExactSquaredNorms(a, g);
        double[] actual = Samples.Doubles(PellicleOperators.GramNorms.CallMany(2, a, g, false)[0]!);
        Assert.All(expected.Zip(actual), pair => Assert.InRange(pair.Second / pair.First, 1 - 1e-11, 1 + 1e-11));
    }

    [Fact]
    public void Sums_in_bfloat16_are_near_those_in_float32()
    {
        Tensor a = Samples.Normal(1, 4, 12, 40).To(DType.BFloat16);
        Tensor g = Samples.Normal(2, 4, 12, 24).To(DType.BFloat16);
        Tensor factors = Tensor.From<float>([1, 0.3f, 0.7f, 0.5f], 4);
        Tensor expected = PellicleOperators.ClippedSum.CallMany(2, a.To(DType.Float32), g.To(DType.Float32), factors, false)[0]!;
        Samples.AssertClose(expected, PellicleOperators.ClippedSum.CallMany(2, a, g, factors, false)[0]!, 1.0 / 128);
        Tensor norms = PellicleOperators.GramNorms.CallMany(2, a.To(DType.Float32), g.To(DType.Float32), true)[0]!;
        Samples.AssertClose(norms, PellicleOperators.GramNorms.CallMany(2, a, g, true)[0]!, 1e-5);
    }

    [Theory]
    [InlineData(new long[] { 0, 2, 1, 3 })]
    [InlineData(new long[] { 0, 2 })]
    [InlineData(new long[] { 1, 3 })]
    public void Offsets_that_do_not_cover_the_images_are_refused(long[] offsets)
    {
        Tensor a = Samples.Normal(1, 3, 4);
        Assert.Throws<Native.TensorException>(() => PellicleOperators.GramNorms.CallMany(2, a, a, true, Tensor.From<long>(offsets, offsets.Length)));
    }

    [Fact]
    public void An_empty_batch_gives_zero_sums()
    {
        Tensor a = Tensor.Zeros(0L, 5, 4);
        Tensor?[] sums = PellicleOperators.ClippedSum.CallMany(2, a, Tensor.Zeros(0L, 5, 3), Tensor.Zeros(0L), true);
        Assert.Equal(new float[12], sums[0]!.ToArray<float>());
        Assert.Equal(new float[3], sums[1]!.ToArray<float>());
        Assert.Equal(0, PellicleOperators.GramNorms.CallMany(2, a, Tensor.Zeros(0L, 5, 3), true)[0]!.Count);
    }

    // Of the gradients of each image, a [N, T, d] and g [N, T, p], element by element in double.
    private static double[] ExactSquaredNorms(Tensor a, Tensor g)
    {
        float[] inputs = a.ToArray<float>();
        float[] gradients = g.ToArray<float>();
        (int n, int rows, int d, int p) = ((int)a.Size(0), (int)a.Size(1), (int)a.Size(2), (int)g.Size(2));
        var norms = new double[n];
        for (int i = 0; i < n; i++)
        {
            for (int j = 0; j < d * p; j++)
            {
                double sum = 0;
                for (int t = i * rows; t < (i + 1) * rows; t++)
                {
                    sum += (double)inputs[(t * d) + (j % d)] * gradients[(t * p) + (j / d)];
                }

                norms[i] += sum * sum;
            }
        }

        return norms;
    }
}
