namespace Pellicle.Tensors.Tests.Operators;

public sealed class ActivationTests : OperatorTest
{
    [Theory]
    [MemberData(nameof(Variants))]
    public void Gelu_is_that_of_libtorch(string variant)
    {
        Use(variant);
        AssertAlike(x => AtenOperators.Gelu.Call(x), x => PellicleOperators.Gelu.Call(x), Samples.Normal(1, 3, 1001) * 3, 1e-6);
    }

    [Theory]
    [MemberData(nameof(Variants))]
    public void Gelu_of_bfloat16_is_the_rounded_value(string variant)
    {
        Use(variant);
        Tensor x = (Samples.Normal(2, 777) * 3).To(DType.BFloat16);
        Tensor exact = AtenOperators.Gelu.Call(x.To(DType.Float32));
        Samples.AssertClose(exact, PellicleOperators.Gelu.Call(x).To(DType.Float32), 1.0 / 256);
    }

    [Theory]
    [MemberData(nameof(Variants))]
    public void Cast_rounds_to_nearest_even(string variant)
    {
        Use(variant);
        Tensor x = Samples.Normal(3, 100_001);
        Tensor expected = x.To(DType.BFloat16);
        Assert.Equal(expected.ToArray<ushort>(), PellicleOperators.Cast.Call(x, (int)DType.BFloat16).ToArray<ushort>());
        Assert.Equal(expected.To(DType.Float32).ToArray<float>(), PellicleOperators.Cast.Call(expected, (int)DType.Float32).ToArray<float>());
    }

    [Fact]
    public void Derivative_of_a_cast_comes_back_in_the_type_of_the_input()
    {
        (_, Tensor gradient) = Differentiate(x => PellicleOperators.Cast.Call(x, (int)DType.BFloat16), Samples.Normal(4, 50));
        Assert.Equal(DType.Float32, gradient.Type);
    }
}
