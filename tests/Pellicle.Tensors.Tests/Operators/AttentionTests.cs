namespace Pellicle.Tensors.Tests.Operators;

public sealed class AttentionTests : OperatorTest
{
    [Theory]
    [MemberData(nameof(Variants))]
    public void Attention_is_softmax_of_scaled_products(string variant)
    {
        Use(variant);
        AssertAlike(x => Slow(x, 3), x => PellicleOperators.Attention.Call(x, 3), Samples.Normal(1, 2, 19, 3 * 3 * 8));
    }

    [Fact]
    public void Attention_takes_one_token_and_large_logits()
    {
        AssertAlike(x => Slow(x, 2), x => PellicleOperators.Attention.Call(x, 2), Samples.Normal(1, 3, 1, 24));
        AssertAlike(x => Slow(x, 2), x => PellicleOperators.Attention.Call(x, 2), Samples.Normal(2, 1, 5, 24) * 30, 1e-4);
    }

    [Fact]
    public void Attention_in_bfloat16_is_near_that_in_float32()
    {
        Tensor x = Samples.Normal(3, 2, 16, 96).To(DType.BFloat16);
        Tensor actual = PellicleOperators.Attention.Call(x, 2);
        Assert.Equal(DType.BFloat16, actual.Type);
        Samples.AssertClose(Slow(x.To(DType.Float32), 2), actual.To(DType.Float32), 0.02);
    }

    [Fact]
    public void A_width_that_the_heads_do_not_divide_is_refused()
    {
        Native.TensorException e = Assert.Throws<Native.TensorException>(() => PellicleOperators.Attention.Call(Samples.Normal(1, 1, 2, 25), 2));
        Assert.Contains("attention", e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', e.Message);
    }

    private static Tensor Slow(Tensor qkv, long heads)
    {
        long n = qkv.Size(0);
        long t = qkv.Size(1);
        long e = qkv.Size(2) / 3 / heads;
        Tensor parts = qkv.Reshape(n, t, 3, heads, e).Permute(2, 0, 3, 1, 4);
        Tensor p = (parts.Select(0, 0).MatMul(parts.Select(0, 1).Transpose()) / Math.Sqrt(e)).Softmax();
        return p.MatMul(parts.Select(0, 2)).Transpose(1, 2).Reshape(n, t, heads * e);
    }
}
