using Pellicle.Core.Random;
using Pellicle.Tensors;

namespace Pellicle.Viewmaker.Tests.Objectives;

public class MeanMatchingTests
{
    [Fact]
    public void Classes_that_agree_give_nothing_on_average_and_shifted_ones_give_their_squared_distance()
    {
        using TensorScope scope = TensorScope.Open();
        var random = new SeededRandom(3);
        int[] labels = [.. Enumerable.Range(0, 400).Select(i => i % 2)];
        Tensor same = Features(random, labels, 0), shifted = Features(random, labels, 2);
        Assert.InRange(MeanMatching.Of(same, [labels]).Item(), -0.02, 0.02);

        // Two classes at ±1 with deviation 1 within: variance 2 in all, so a distance of 2 is 4/2 in units of the deviation.
        Assert.InRange(MeanMatching.Of(shifted, [labels]).Item(), 1.8, 2.2);
    }

    [Fact]
    public void Pictures_without_a_label_count_for_neither_class()
    {
        using TensorScope scope = TensorScope.Open();
        int[] labels = [0, 0, 1, 1, -1];
        Tensor features = Tensor.From<float>([0, 0, 0, 0, 50], 5, 1);
        Assert.Equal(-1.0, MeanMatching.Of(features, [labels]).Item(), 4); // no distance, less what chance would give: 1/2 + 1/2
        Assert.Equal(0.0, MeanMatching.Of(features, [[0, 1, -1, -1, -1]]).Item(), 4); // too few to say anything
    }

    private static Tensor Features(SeededRandom random, int[] labels, double distance)
    {
        const int width = 32;
        return Tensor.From<float>([.. Enumerable.Range(0, labels.Length * width).Select(i => (float)(random.NextGaussian() + (distance * (labels[i / width] - 0.5))))], labels.Length, width);
    }
}
