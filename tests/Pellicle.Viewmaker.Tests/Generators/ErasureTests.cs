using Pellicle.Core.Errors;
using Pellicle.Core.Random;
using Pellicle.Tensors;
using Pellicle.Training.Configuration;
using Pellicle.Viewmaker.Generators;

namespace Pellicle.Viewmaker.Tests.Generators;

public class ErasureTests
{
    private const int Pictures = 240;
    private const int Grid = 8;

    [Fact]
    public void Without_noise_the_means_of_the_classes_of_every_attribute_coincide_afterwards()
    {
        using TensorScope scope = TensorScope.Open();
        (Tensor pictures, int[][] labels) = Sample(side: Grid);
        var erasure = new AttributeErasure(1, Grid, 2, noise: 0);
        using var fit = new ErasureFit(erasure, erasure.Coarse(pictures), [labels[1], labels[2]], labels[0], Grid);
        Assert.Equal(2, fit.Count);
        Tensor changed = pictures + erasure.Change(pictures, Noise(Pictures, 2));
        foreach (int[] attribute in new[] { labels[1], labels[2] })
        {
            Assert.True(Gap(pictures, attribute) > 0.3, "the attribute shows before");

            // Coefficients that chance alone would give are not erased; what is left of the gap is theirs.
            Assert.True(Gap(changed, attribute) < 0.1 * Gap(pictures, attribute), $"gap {Gap(changed, attribute)} of {Gap(pictures, attribute)}");
        }
    }

    [Fact]
    public void The_direction_of_the_task_is_kept()
    {
        using TensorScope scope = TensorScope.Open();
        (Tensor pictures, int[][] labels) = Sample(side: Grid);
        var erasure = new AttributeErasure(1, Grid, 2, noise: 1);
        using var fit = new ErasureFit(erasure, erasure.Coarse(pictures), [labels[1], labels[2]], labels[0], Grid);
        Tensor changed = pictures + erasure.Change(pictures, Noise(Pictures, 2));
        Assert.InRange(Gap(changed, labels[0]), 0.8 * Gap(pictures, labels[0]), 1.2 * Gap(pictures, labels[0]));
    }

    [Fact]
    public void What_was_written_is_read_again_through_a_coarser_grid_and_depends_on_the_noise_alone()
    {
        using TensorScope scope = TensorScope.Open();
        (Tensor pictures, int[][] labels) = Sample(side: 20);
        var erasure = new AttributeErasure(1, Grid, 2, noise: 1);
        using var fit = new ErasureFit(erasure, erasure.Coarse(pictures), [labels[1], labels[2]], labels[0], 20);
        Tensor noise = Noise(Pictures, 2);
        Tensor once = pictures + erasure.Change(pictures, noise);
        Tensor twice = once + erasure.Change(once, noise);
        Assert.True((once - pictures).Abs().Mean().Item() > 0.01);
        ParityTests.AssertClose(once.ToArray<float>(), twice.ToArray<float>(), 1e-3);
    }

    [Fact]
    public void Directions_that_an_attacker_reads_are_added_and_can_be_taken_back()
    {
        using TensorScope scope = TensorScope.Open();
        (Tensor pictures, int[][] labels) = Sample(side: Grid);
        var erasure = new AttributeErasure(1, Grid, 3, noise: 0);
        using var fit = new ErasureFit(erasure, erasure.Coarse(pictures), [labels[1]], new int[Pictures], Grid); // no task to protect
        Assert.Equal(1, fit.Count);
        float[] before = erasure.Change(pictures, Noise(Pictures, 3)).ToArray<float>();

        // An attacker whose margin is the mean of the upper left quarter.
        var slopes = new float[Grid * Grid];
        for (int i = 0; i < slopes.Length; i++)
        {
            slopes[i] = i / Grid < Grid / 2 && i % Grid < Grid / 2 ? 1 : 0;
        }

        Tensor slope = Tensor.From<float>(slopes, 1, slopes.Length);
        fit.Add(slope, 1);
        Assert.Equal(2, fit.Count);
        Tensor changed = pictures + erasure.Change(pictures, Noise(Pictures, 3));
        Assert.True(Deviation(erasure.Coarse(changed).MatMul(slope.Transpose())) < 0.2 * Deviation(erasure.Coarse(pictures).MatMul(slope.Transpose())), "what it reads no longer varies");
        fit.Keep(1);
        ParityTests.AssertClose(before, erasure.Change(pictures, Noise(Pictures, 3)).ToArray<float>(), 1e-6);
    }

    [Fact]
    public void A_generator_keeps_its_erasure_when_it_is_saved_and_the_parity_mode_has_none()
    {
        using var folder = new TemporaryFolder();
        using TensorScope scope = TensorScope.Open();
        (Tensor pictures, int[][] labels) = Sample(side: 16);
        using var generator = new Generator(new GeneratorOptions { Channels = 1, Widths = [6, 8, 10], Blocks = 1, Budget = 0.2, ErasedDirections = 2, ErasureGrid = Grid }, new SeededRandom(1));
        using (var fit = new ErasureFit(generator.Erasure!, generator.Erasure!.Coarse(generator.BeforeErasure(pictures, (_, values) => values.Fill(0.5f), 0)), [labels[1], labels[2]], labels[0], 16))
        {
            Assert.Equal(2, fit.Count);
        }

        Tensor result = generator.Obfuscate(pictures, (_, values) => values.Fill(0.3f));
        Assert.True((result - pictures).Abs().Mean().Item() > 0.01);
        generator.Save(folder.In("generator.safetensors"));
        using Generator opened = Generator.Open(folder.In("generator.safetensors"));
        Assert.Equal(result.ToArray<float>(), opened.Obfuscate(pictures, (_, values) => values.Fill(0.3f)).ToArray<float>());
        Assert.Throws<UsageException>(() => new GeneratorOptions { Mode = GeneratorMode.Parity, ErasedDirections = 1 }.Validate());
    }

    // Smooth pictures: task, first and second attribute each shift a pattern of their own; none depends on another.
    private static (Tensor Pictures, int[][] Labels) Sample(int side)
    {
        var random = new SeededRandom(5);
        var values = new float[Pictures * side * side];
        int[][] labels = [new int[Pictures], new int[Pictures], new int[Pictures]];
        for (int n = 0; n < Pictures; n++)
        {
            for (int k = 0; k < labels.Length; k++)
            {
                labels[k][n] = (n >> k) & 1; // independent of each other, exactly
            }

            double[] weights = [.. Enumerable.Range(0, 6).Select(_ => 0.15 * random.NextGaussian())];
            weights[0] += 0.3 * labels[0][n];
            weights[1] += 0.3 * labels[1][n];
            weights[2] += 0.3 * labels[2][n];
            for (int p = 0; p < side * side; p++)
            {
                double x = ((p % side) + 0.5) / side, y = ((p / side) + 0.5) / side;
                double[] patterns = [1, Math.Cos(Math.PI * x), Math.Cos(Math.PI * y), Math.Cos(2 * Math.PI * x), Math.Cos(Math.PI * x) * Math.Cos(Math.PI * y), Math.Cos(2 * Math.PI * y)];
                values[(n * side * side) + p] = (float)(0.5 + weights.Zip(patterns).Sum(pair => pair.First * pair.Second) + (0.02 * random.NextGaussian()));
            }
        }

        return (Tensor.From<float>(values, Pictures, 1, side, side), labels);
    }

    private static Tensor Noise(int count, int directions)
    {
        var random = new SeededRandom(9);
        return Tensor.From<float>([.. Enumerable.Range(0, count * directions).Select(_ => (float)random.NextDouble())], count, 1, 1, directions);
    }

    // Length of the difference of the classes' mean pictures, per pixel.
    private static double Gap(Tensor pictures, int[] labels)
    {
        float[] weights = Array.ConvertAll(labels, label => label == 1 ? 1f / labels.Count(l => l == 1) : -1f / labels.Count(l => l == 0));
        Tensor difference = Tensor.From<float>(weights, 1, weights.Length).MatMul(pictures.Reshape(weights.Length, -1));
        return Math.Sqrt(difference.Square().Mean().Item()) * 2;
    }

    private static double Deviation(Tensor values) => Math.Sqrt((values - values.Mean().Item()).Square().Mean().Item());
}
