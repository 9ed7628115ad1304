namespace Pellicle.Tensors.Tests.Operators;

public sealed class LinearTests : OperatorTest
{
    [Theory]
    [InlineData(new long[] { 5, 33 }, 7)]
    [InlineData(new long[] { 2, 50, 96 }, 130)]
    public void Linear_is_that_of_libtorch(long[] shape, long width)
    {
        Tensor w = Samples.Normal(1, width, shape[^1]);
        Tensor b = Samples.Normal(2, width);
        AssertAlike(x => x.Linear(w, b), x => PellicleOperators.Linear.Call(x, w, b, (int)DType.Float32), Samples.Normal(3, shape));
    }

    [Fact]
    public void Linear_takes_bfloat16_and_gives_float32()
    {
        Tensor x = Samples.Normal(1, 4, 9, 64).To(DType.BFloat16);
        Tensor w = Samples.Normal(2, 32, 64).To(DType.BFloat16);
        Tensor b = Samples.Normal(3, 32);
        Tensor expected = x.To(DType.Float32).Linear(w.To(DType.Float32), b);
        // The inputs are exact in float32, so only the additions round.
        Samples.AssertClose(expected, PellicleOperators.Linear.Call(x, w, b, (int)DType.Float32), Float32Tolerance);
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public void Batched_products_take_transposed_views(bool transposeLeft, bool transposeRight)
    {
        Tensor a = transposeLeft ? Samples.Normal(1, 6, 40, 30).Transpose() : Samples.Normal(1, 6, 30, 40);
        Tensor b = transposeRight ? Samples.Normal(2, 6, 20, 40).Transpose() : Samples.Normal(2, 6, 40, 20);
        Samples.AssertClose(a.MatMul(b), PellicleOperators.Product.Call(a, b, (int)DType.Float32), Float32Tolerance);
    }

    [Fact]
    public void Products_take_narrowed_and_expanded_views()
    {
        Tensor wide = Samples.Normal(1, 30, 60);
        Tensor a = wide.Narrow(1, 10, 40);
        Tensor b = Samples.Normal(2, 40, 1).Expand(40, 5);
        Samples.AssertClose(a.MatMul(b), PellicleOperators.Product.Call(a, b, (int)DType.Float32), Float32Tolerance);
    }
}
