namespace Pellicle.Tensors.Tests.Operators;

public sealed class NormTests : OperatorTest
{
    public static TheoryData<string, int, int, int> GroupCases
    {
        get
        {
            var data = new TheoryData<string, int, int, int>();
            foreach (string variant in Native.NativeRuntime.KernelVariants)
            {
                data.Add(variant, 6, 2, 9);
                data.Add(variant, 32, 32, 5);
                data.Add(variant, 64, 1, 3);
                data.Add(variant, 48, 16, 1);
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Variants))]
    public void Layer_norm_is_that_of_libtorch(string variant)
    {
        Use(variant);
        Tensor gamma = Samples.Normal(1, 70);
        Tensor beta = Samples.Normal(2, 70);
        AssertAlike(x => Aten(x, gamma, beta), x => PellicleOperators.LayerNorm.CallMany(2, x, gamma, beta, 1e-5, (int)DType.Float32)[0]!, (Samples.Normal(3, 3, 11, 70) * 2) + 5);
    }

    [Theory]
    [MemberData(nameof(Variants))]
    public void Per_unit_gradients_of_layer_norm_match_automatic_differentiation(string variant)
    {
        Use(variant);
        long[] offsets = [0, 2, 3, 3, 5];
        Tensor x = Samples.Normal(1, 5, 7, 40) + 1;
        Tensor g = Samples.Normal(2, 5, 7, 40);
        Tensor both = Samples.Normal(3, 2, 40);
        Tensor[] expected = UnitGradients(x, g, both, offsets, (images, weight) => Aten(images, weight.Select(0, 0), weight.Select(0, 1)));
        Tensor?[] forward = PellicleOperators.LayerNorm.CallMany(2, x, both.Select(0, 0).Contiguous(), both.Select(0, 1).Contiguous(), 1e-5, (int)DType.Float32);
        Tensor?[] actual = PellicleOperators.LayerNormSampleGradients.CallMany(2, g, x, forward[1], Tensor.From<long>(offsets, offsets.Length));
        Samples.AssertClose(Tensor.Stack(0, expected), actual[0]!, Float32Tolerance);
        Samples.AssertClose(SquaredNorms(expected), actual[1]!, Float32Tolerance);
    }

    [Theory]
    [MemberData(nameof(GroupCases))]
    public void Group_norm_is_that_of_libtorch(string variant, int channels, int groups, int side)
    {
        Use(variant);
        Tensor gamma = Samples.Normal(1, channels);
        Tensor beta = Samples.Normal(2, channels);
        Tensor x = (Samples.Normal(3, 4, channels, side, side + 1) * 2) + 3;
        AssertAlike(
            t => t.GroupNorm(groups, gamma, beta),
            t => PellicleOperators.GroupNorm.CallMany(2, t, gamma, beta, groups, 1e-5)[0]!,
            x,
            2e-5); // the mean of 3 costs up to three of the digits of the float32 variance on either side
    }

    [Theory]
    [MemberData(nameof(GroupCases))]
    public void Per_unit_gradients_of_group_norm_match_automatic_differentiation(string variant, int channels, int groups, int side)
    {
        Use(variant);
        long[] offsets = OneEach(4);
        Tensor x = Samples.Normal(1, 4, channels, side, side + 1) + 1;
        Tensor g = Samples.Normal(2, 4, channels, side, side + 1);
        Tensor both = Samples.Normal(3, 2, channels);
        Tensor[] expected = UnitGradients(x, g, both, offsets, (images, weight) => images.GroupNorm(groups, weight.Select(0, 0), weight.Select(0, 1)));
        Tensor?[] forward = PellicleOperators.GroupNorm.CallMany(2, x, both.Select(0, 0).Contiguous(), both.Select(0, 1).Contiguous(), groups, 1e-5);
        Tensor?[] actual = PellicleOperators.GroupNormSampleGradients.CallMany(2, g, x, forward[1]);
        Samples.AssertClose(Tensor.Stack(0, expected), actual[0]!, 2e-5);
        Samples.AssertClose(SquaredNorms(expected), actual[1]!, 2e-5);
    }

    private static unsafe Tensor Aten(Tensor x, Tensor gamma, Tensor beta)
    {
        long width = x.Size(-1);
        return AtenOperators.LayerNorm.CallMany(3, x, OpArgument.Integers(&width, 1), gamma, beta, 1e-5)[0]!;
    }
}
