using Pellicle.Core.Errors;
using Pellicle.Core.Random;
using Pellicle.Tensors;
using Pellicle.Training.Configuration;
using Pellicle.Viewmaker.Generators;
using Pellicle.Viewmaker.Readers;
using Pellicle.Viewmaker.Subjects;
using Pellicle.Viewmaker.Training;

namespace Pellicle.Viewmaker.Tests.Generators;

public class CoordinateTests
{
    private const int Side = 24;
    private const int Pictures = 600;

    [Theory]
    [InlineData(1, 24, 24)]
    [InlineData(3, 17, 30)]
    [InlineData(3, 5, 7)]
    public void The_picture_itself_has_the_coordinates_zero(int channels, int height, int width)
    {
        using TensorScope scope = TensorScope.Open();
        var coordinates = new PictureCoordinates(channels);
        Tensor pictures = Uniform(2, channels, height, width);
        Tensor moved = coordinates.Move(pictures, Tensor.Zeros(2, coordinates.Count));
        ParityTests.AssertClose(pictures.ToArray<float>(), moved.ToArray<float>(), 1e-5);
    }

    [Fact]
    public void Places_move_discs_lighting_scales_channels_and_thin_structures_fade()
    {
        using TensorScope scope = TensorScope.Open();
        var coordinates = new PictureCoordinates(1);
        Tensor disc = Disc(0.3);

        // Order 1 along x in the first component and along y in the second: a zoom about the middle.
        double before = disc.Mean().Item();
        Assert.True(Moved(disc, (1, 2), (6, 2)).Mean().Item() > 1.2 * before, "a zoom makes the disc larger");
        Assert.True(Moved(disc, (1, -2), (6, -2)).Mean().Item() < 0.85 * before, "the other way smaller");
        Assert.Equal(Math.Exp(0.15), Moved(disc, (8, 1)).Mean().Item() / before, 1e-4);

        float[] line = [.. Enumerable.Range(0, Side * Side).Select(p => p % Side == 9 ? 0.2f : 0.8f)];
        Tensor hair = Tensor.From<float>(line, 1, 1, Side, Side);
        Assert.InRange(Moved(hair, (12, -6)).Minimum().Item(), 0.7, 0.8); // the dark line is all but gone
        ParityTests.AssertClose(hair.ToArray<float>(), Moved(hair, (13, -6)).ToArray<float>(), 1e-5); // there is no bright one

        Tensor Moved(Tensor picture, params (int Coordinate, float Value)[] changes)
        {
            var values = new float[coordinates.Count];
            foreach ((int coordinate, float value) in changes)
            {
                values[coordinate] = value;
            }

            return coordinates.Move(picture, Tensor.From<float>(values, 1, values.Length));
        }
    }

    [Fact]
    public void A_place_is_a_share_of_width_and_height_so_moves_and_stretching_can_be_exchanged()
    {
        using TensorScope scope = TensorScope.Open();
        var coordinates = new PictureCoordinates(1);
        var values = new float[coordinates.Count];
        (values[0], values[1], values[5]) = (1.5f, 0.8f, -1.2f);
        Tensor change = Tensor.From<float>(values, 1, values.Length), disc = Disc(0.3);
        Tensor wide = ImageOperators.Scale(disc, Side, 4 * Side);
        Tensor movedFirst = ImageOperators.Scale(coordinates.Move(disc, change), Side, 4 * Side), stretchedFirst = coordinates.Move(wide, change);
        Assert.True((movedFirst - wide).Abs().Mean().Item() > 0.03, "the disc moves");
        Assert.True((movedFirst - stretchedFirst).Abs().Mean().Item() < 0.012, $"{(movedFirst - stretchedFirst).Abs().Mean().Item()}");
    }

    [Fact]
    public void A_radius_that_tells_the_class_no_longer_does_and_the_task_is_kept()
    {
        using TensorScope scope = TensorScope.Open();
        (PictureSet pictures, SubjectColumn task, SubjectColumn attribute) = Discs();
        var erasure = new CoordinateErasure(1, Side, noise: 1, new SeededRandom(1));
        (int directions, int seen) = new CoordinateFit(erasure, new SeededRandom(2)).Run(new LabelledPictures(pictures, [task, attribute]), default);
        Assert.Equal(1, directions);
        Assert.InRange(seen, 8, erasure.Coordinates.Count);
        using GradientMode off = GradientMode.Off();
        int[] rows = [.. Enumerable.Range(0, Pictures)];
        Tensor before = pictures.Batch(rows), after = erasure.Apply(before, Noise(Pictures, erasure.NoiseCount));
        double radiusBefore = Leakage(Areas(before), attribute.Labels), radiusAfter = Leakage(Areas(after), attribute.Labels);
        Assert.True(radiusBefore > 0.95, $"the area tells the class before: {radiusBefore}");
        Assert.True(radiusAfter < 0.65, $"and hardly afterwards: {radiusAfter}");
        Assert.True(Leakage(Centres(after), task.Labels) > 0.95, "the spot in the middle is still there");
    }

    [Fact]
    public void Before_the_fit_nothing_changes_and_shaking_moves_every_picture_in_its_own_way()
    {
        using TensorScope scope = TensorScope.Open();
        using GradientMode off = GradientMode.Off();
        Tensor pictures = Uniform(3, 1, Side, Side);
        var erasure = new CoordinateErasure(1, Side, noise: 1, new SeededRandom(1));
        Tensor noise = Noise(3, erasure.NoiseCount);
        Assert.Equal(pictures.ToArray<float>(), erasure.Apply(pictures, noise).ToArray<float>());

        int k = erasure.Coordinates.Count;
        Tensor identity = Tensor.From<double>([.. Enumerable.Range(0, k * k).Select(i => i / k == i % k ? 1.0 : 0.0)], k, k);
        erasure.Set(Tensor.Zeros(k), Tensor.Zeros(CoordinateErasure.Directions, k), Tensor.Zeros(k, CoordinateErasure.Directions), identity);
        erasure.Spread = 0.5;
        Tensor shaken = erasure.Apply(pictures, noise);
        Assert.True((shaken - pictures).Abs().Mean([1, 2, 3]).Minimum().Item() > 0.01, "every picture moves");
        Assert.InRange(shaken.Minimum().Item(), 0, 1);
        Assert.InRange(shaken.Maximum().Item(), 0, 1);
        Tensor alone = erasure.Apply(pictures.Narrow(0, 1, 1), noise.Narrow(0, 1, 1));
        ParityTests.AssertClose(alone.ToArray<float>(), shaken.Narrow(0, 1, 1).ToArray<float>(), 1e-5);
    }

    [Fact]
    public void Details_are_averaged_away_before_anything_else_and_a_saved_generator_does_the_same()
    {
        using var folder = new TemporaryFolder();
        using TensorScope scope = TensorScope.Open();
        using var generator = new Generator(new GeneratorOptions { Channels = 1, Widths = [2, 2, 2], Blocks = 0, Budget = 1, DownsampleTo = Side, CoordinatePasses = 1 }, new SeededRandom(1));
        generator.KeepDetails(6);
        float[] stripes = [.. Enumerable.Range(0, Side * Side).Select(p => p % 2 == 0 ? 1f : 0f)];
        Tensor picture = Tensor.From<float>(stripes, 1, 1, Side, Side);
        Tensor result = generator.Obfuscate(picture, (_, values) => values.Fill(0.5f));
        Assert.True((result - 0.5).Abs().Maximum().Item() < 0.02, "stripes of one pixel become grey");
        generator.Save(folder.In("generator.safetensors"));
        using Generator opened = Generator.Open(folder.In("generator.safetensors"));
        Assert.Equal(6, opened.Options.DetailGrid);
        Assert.Equal(result.ToArray<float>(), opened.Obfuscate(picture, (_, values) => values.Fill(0.5f)).ToArray<float>());
        Assert.Throws<UsageException>(() => generator.KeepDetails(2));
        Assert.Throws<UsageException>(() => new GeneratorOptions { Mode = GeneratorMode.Parity, DownsampleTo = 16, CoordinatePasses = 1 }.Validate());
        Assert.Throws<UsageException>(() => new GeneratorOptions { CoordinatePasses = 1 }.Validate());
    }

    [Fact]
    public void Pixel_noise_has_its_deviation_and_follows_the_noise_of_the_image()
    {
        using TensorScope scope = TensorScope.Open();
        using var generator = new Generator(new GeneratorOptions { Channels = 1, Widths = [2, 2, 2], Blocks = 0, Budget = 1, DownsampleTo = Side, PixelNoise = 0.05, BitDepth = 16 }, new SeededRandom(1));
        Tensor grey = Tensor.Zeros(1, 1, Side, Side) + 0.5;
        NoiseSource Source(ulong seed)
        {
            var random = new SeededRandom(seed);
            return (_, values) => { foreach (ref float value in values) { value = (float)random.NextDouble(); } };
        }

        float[] first = generator.Obfuscate(grey, Source(1)).ToArray<float>(), again = generator.Obfuscate(grey, Source(1)).ToArray<float>(), other = generator.Obfuscate(grey, Source(2)).ToArray<float>();
        Assert.Equal(first, again);
        Assert.InRange(Math.Sqrt(first.Average(value => Math.Pow(value - first.Average(), 2))), 0.045, 0.056);
        Assert.True(first.Zip(other).Count(pair => pair.First == pair.Second) < 10);
        Assert.Throws<UsageException>(() => new GeneratorOptions { PixelNoise = 0.6 }.Validate());
    }

    // Discs whose radius tells the attribute, with a dark spot in the middle that tells the task; brightness tells neither.
    private static (PictureSet Pictures, SubjectColumn Task, SubjectColumn Attribute) Discs()
    {
        var random = new SeededRandom(5);
        int[] task = [.. Enumerable.Range(0, Pictures).Select(n => n & 1)], attribute = [.. Enumerable.Range(0, Pictures).Select(n => (n >> 1) & 1)];
        PictureSet pictures = PictureSet.Fill(1, Side, Pictures, (n, samples) =>
        {
            double radius = 0.28 + (0.03 * attribute[n]) + (0.008 * random.NextGaussian()), light = 0.6 + (0.05 * random.NextGaussian());
            for (int p = 0; p < samples.Length; p++)
            {
                double x = ((p % Side) + 0.5) / Side - 0.5, y = ((p / Side) + 0.5) / Side - 0.5, r = Math.Sqrt((x * x) + (y * y));
                double value = light / (1 + Math.Exp(40 * (r - radius)));
                value *= task[n] == 1 && r < 0.08 ? 0.4 : 1;
                samples[p] = (byte)Math.Clamp(255 * (value + (0.02 * random.NextGaussian())), 0, 255);
            }
        });
        return (pictures, new SubjectColumn("spot", ["no", "yes"], task), new SubjectColumn("size", ["small", "large"], attribute));
    }

    private static Tensor Disc(double radius) => Tensor.From<float>(
        [.. Enumerable.Range(0, Side * Side).Select(p => Math.Pow(((p % Side) + 0.5) / Side - 0.5, 2) + Math.Pow(((p / Side) + 0.5) / Side - 0.5, 2) < radius * radius ? 0.5f : 0f)], 1, 1, Side, Side);

    private static Tensor Uniform(int count, int channels, int height, int width)
    {
        var random = new SeededRandom(3);
        return Tensor.From<float>([.. Enumerable.Range(0, count * channels * height * width).Select(_ => (float)random.NextDouble())], count, channels, height, width);
    }

    private static Tensor Noise(int count, int numbers)
    {
        var random = new SeededRandom(9);
        return Tensor.From<float>([.. Enumerable.Range(0, count * numbers).Select(_ => (float)random.NextDouble())], count, 1, 1, numbers);
    }

    // Pixels brighter than half of the picture's own brightest tenth: the size of the disc, whatever the light.
    private static double[] Areas(Tensor pictures) => [.. Rows(pictures).Select(row =>
    {
        float bright = row.Order().ElementAt(row.Length * 9 / 10);
        return (double)row.Sum(value => Math.Clamp((value / bright * 2) - 0.5f, 0, 1));
    })];

    private static double[] Centres(Tensor pictures) => [.. Rows(pictures).Select(row => (double)(row[(Side / 2 * Side) + (Side / 2)] / row.Order().ElementAt(row.Length * 9 / 10)))];

    private static IEnumerable<float[]> Rows(Tensor pictures) => pictures.Contiguous().ToArray<float>().Chunk(Side * Side);

    private static double Leakage(double[] scores, IReadOnlyList<int> labels)
    {
        double[] ones = [.. scores.Where((_, i) => labels[i] == 1)], zeros = [.. scores.Where((_, i) => labels[i] == 0)];
        double auc = ones.Average(one => zeros.Average(zero => one > zero ? 1.0 : one == zero ? 0.5 : 0));
        return Math.Max(auc, 1 - auc);
    }
}
