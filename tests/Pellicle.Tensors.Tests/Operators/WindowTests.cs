namespace Pellicle.Tensors.Tests.Operators;

public sealed class WindowTests : OperatorTest
{
    public static TheoryData<string, Window2d, int, int> Cases
    {
        get
        {
            var data = new TheoryData<string, Window2d, int, int>();
            foreach (string variant in Native.NativeRuntime.KernelVariants)
            {
                data.Add(variant, Window2d.Square(8, 2, 3), 1, 1);
                data.Add(variant, Window2d.Square(3, 1, 1), 16, 1);
                data.Add(variant, Window2d.Square(1), 12, 1);
                data.Add(variant, Window2d.Square(1, 2), 12, 1);
                data.Add(variant, Window2d.Square(3, 2, 2, 2), 6, 3);
                data.Add(variant, new Window2d(2, 5, 1, 3, 0, 4, 3, 1), 4, 2);
            }

            return data;
        }
    }

    public static TheoryData<string, Window2d> Pools
    {
        get
        {
            var data = new TheoryData<string, Window2d>();
            foreach (string variant in Native.NativeRuntime.KernelVariants)
            {
                data.Add(variant, Window2d.Square(2));
                data.Add(variant, Window2d.Square(3, 2, 1));
                data.Add(variant, new Window2d(3, 2, 2, 1, 1, 0, 1, 2));
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Convolution_is_that_of_libtorch(string variant, Window2d window, int channels, int groups)
    {
        Use(variant);
        (Tensor x, Tensor w, Tensor b) = Sample(window, channels, groups);
        AssertAlike(t => t.Conv2d(w, b, window, groups), t => WindowOperators.Conv2d(t, w, b, window, groups), x);
        AssertAlike(t => t.Conv2d(w, null, window, groups), t => WindowOperators.Conv2d(t, w, null, window, groups), x);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Unfolded_rows_are_the_columns_of_libtorch(string variant, Window2d window, int channels, int groups)
    {
        Use(variant);
        (Tensor x, _, _) = Sample(window, channels, groups);
        Assert.Equal(x.UnfoldColumns(window).Transpose().ToArray<float>(), WindowOperators.Unfold(x, window).ToArray<float>());
        Tensor half = x.To(DType.BFloat16);
        Assert.Equal(half.To(DType.Float32).UnfoldColumns(window).Transpose().ToArray<float>(), WindowOperators.Unfold(half, window).To(DType.Float32).ToArray<float>());
    }

    [Theory]
    [MemberData(nameof(Pools))]
    public void Max_pooling_is_that_of_libtorch(string variant, Window2d window)
    {
        Use(variant);
        // Rounded values make ties, where the first pixel of a window gets the gradient.
        Tensor x = (Samples.Normal(1, 3, 17, 9, 10) * 2).To(DType.Int32).To(DType.Float32);
        AssertAlike(t => t.MaxPool2d(window), t => WindowOperators.MaxPool(t, window), x);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Per_unit_gradients_of_a_convolution_match_automatic_differentiation(string variant, Window2d window, int channels, int groups)
    {
        Use(variant);
        (Tensor x, Tensor w, Tensor b) = Sample(window, channels, groups);
        Tensor g = Samples.Normal(7, x.Conv2d(w, b, window, groups).Shape);
        foreach (long[] offsets in new[] { OneEach(5), [0, 3, 3, 4, 5] })
        {
            Tensor units = Tensor.From<long>(offsets, offsets.Length);
            double[] factors = [.. Enumerable.Range(1, offsets.Length - 1).Select(i => 1.0 / i)];
            Tensor[] weights = UnitGradients(x, g, w, offsets, (images, weight) => images.Conv2d(weight, null, window, groups));
            Tensor[] biases = UnitGradients(x, g, b, offsets, (images, bias) => images.Conv2d(w.To(DType.Float64), bias, window, groups));
            Tensor squared = SquaredNorms(weights) + SquaredNorms(biases);

            (Tensor direct, Tensor? perUnit, Tensor? perUnitBias) = WindowOperators.ConvSampleGradients(x, g, true, true, window, groups, units);
            Samples.AssertClose(squared, direct, Float32Tolerance);
            Samples.AssertClose(Tensor.Stack(0, weights), perUnit!, Float32Tolerance);
            Samples.AssertClose(Tensor.Stack(0, biases), perUnitBias!, Float32Tolerance);
            Samples.AssertClose(Weighted(weights, factors), PellicleOperators.WeightedSum.Call(perUnit, Tensor.From<double>(factors, factors.Length)), Float32Tolerance);
            Samples.AssertClose(squared, WindowOperators.ConvSampleGradients(x, g, true, false, window, groups, units).Squared, Float32Tolerance);
            Samples.AssertClose(squared, WindowOperators.ConvGramNorms(x, g, true, window, groups, units).Squared, Float32Tolerance);

            (Tensor sum, Tensor? biasSum) = WindowOperators.ConvClippedSum(x, g, Tensor.From<double>(factors, factors.Length), true, window, groups, units);
            Samples.AssertClose(Weighted(weights, factors), sum, Float32Tolerance);
            Samples.AssertClose(Weighted(biases, factors), biasSum!, Float32Tolerance);
        }
    }

    [Fact]
    public void Large_images_are_summed_thread_by_thread()
    {
        var window = Window2d.Square(3, 1, 1);
        Tensor x = Samples.Normal(1, 3, 4, 40, 40);
        Tensor w = Samples.Normal(2, 5, 4, 3, 3);
        Tensor g = Samples.Normal(3, 3, 5, 40, 40);
        double[] factors = [1, 0.5, 2];
        Tensor[] expected = UnitGradients(x, g, w, OneEach(3), (images, weight) => images.Conv2d(weight, null, window));
        (Tensor sum, _) = WindowOperators.ConvClippedSum(x, g, Tensor.From<double>(factors, 3), false, window);
        Samples.AssertClose(Weighted(expected, factors), sum, Float32Tolerance);
        Samples.AssertClose(SquaredNorms(expected), WindowOperators.ConvSampleGradients(x, g, false, false, window).Squared, Float32Tolerance);
    }

    [Fact]
    public void A_window_larger_than_the_image_is_refused() =>
        Assert.Throws<Native.TensorException>(() => WindowOperators.MaxPool(Samples.Normal(1, 1, 1, 4, 4), Window2d.Square(5)));

    private static (Tensor Images, Tensor Weight, Tensor Bias) Sample(Window2d window, int channels, int groups) => (
        Samples.Normal(1, 5, channels, 11, 13),
        Samples.Normal(2, 6, channels / groups, window.KernelHeight, window.KernelWidth),
        Samples.Normal(3, 6));
}
