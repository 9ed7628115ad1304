using Pellicle.Core.Errors;
using Pellicle.Core.Random;
using Pellicle.Data.Augmentations;

namespace Pellicle.Data.Tests.Augmentations;

public sealed class AugmentationTests
{
    private const int C = 3;
    private const int H = 12;
    private const int W = 16;

    public static TheoryData<string> Names() => [.. Augmentation.KnownNames];

    [Fact]
    public void None_leaves_the_image_untouched()
    {
        float[] image = Picture();

        Augmentation.Parse("none").Apply(image, C, H, W, new SeededRandom(1));

        Assert.Equal(Picture(), image);
        Assert.True(Augmentation.Parse("none").IsNone);
    }

    [Theory]
    [InlineData("flip")]
    [InlineData("flip-vertical")]
    public void Flipping_twice_is_the_identity(string name)
    {
        ISeededRandom Flipping() => First(seed => new SeededRandom(seed).NextUInt64() >> 63 == 1);
        float[] image = Picture();

        Augmentation.Parse(name).Apply(image, C, H, W, Flipping());
        Assert.NotEqual(Picture(), image);
        Assert.Equal(name == "flip" ? Picture()[W - 1] : Picture()[(H - 1) * W], image[0]);
        Augmentation.Parse(name).Apply(image, C, H, W, Flipping());

        Assert.Equal(Picture(), image);
    }

    [Fact]
    public void Flip_happens_in_about_half_of_the_images()
    {
        var flip = Augmentation.Parse("flip");
        int flipped = Enumerable.Range(0, 2000).Count(i =>
        {
            float[] image = [1, 2];
            flip.Apply(image, 1, 1, 2, Augmentation.GeneratorFor(new SeededRandom(4), 0, i));
            return image[0] == 2;
        });

        Assert.InRange(flipped, 866, 1134); // 1000 ± 6 standard deviations of 22.4
    }

    [Theory]
    [InlineData(2, 0)]
    [InlineData(-2, 0)]
    [InlineData(0, 1)]
    [InlineData(0, -1)]
    [InlineData(2, -1)]
    public void Shift_moves_by_whole_pixels_and_mirrors_at_the_edge(int dx, int dy)
    {
        float[] before = Picture();
        float[] image = Picture();

        ShiftStep.Move(image, C, H, W, dx, dy);

        for (int c = 0; c < C; c++)
        {
            for (int y = 0; y < H; y++)
            {
                for (int x = 0; x < W; x++)
                {
                    int fromX = Reflect(x - dx, W);
                    int fromY = Reflect(y - dy, H);
                    Assert.Equal(before[(c * H + fromY) * W + fromX], image[(c * H + y) * W + x]);
                }
            }
        }

        static int Reflect(int i, int n) => i < 0 ? -i : i > n - 1 ? 2 * (n - 1) - i : i;
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void An_image_depends_on_its_own_generator_alone(string name)
    {
        // dp-training.md, trap 14: nothing may be drawn for the batch. The order of work and the neighbours do not matter.
        var augmentation = Augmentation.Parse(name);
        var root = new SeededRandom(11);
        float[][] alone = [.. Enumerable.Range(0, 8).Select(Augment)];
        float[][] reversed = [.. Enumerable.Range(0, 8).Reverse().Select(Augment).Reverse()];

        Assert.Equal(alone, reversed);
        Assert.True(alone.Select(image => string.Join(' ', image)).Distinct().Count() > 1, "all images were changed alike");

        float[] Augment(int record)
        {
            float[] image = Picture();
            augmentation.Apply(image, C, H, W, Augmentation.GeneratorFor(root, 3, record));
            return image;
        }
    }

    [Fact]
    public void Generators_differ_between_steps_images_and_views()
    {
        var root = new SeededRandom(11);
        var first = new HashSet<ulong>();
        for (ulong step = 0; step < 10; step++)
        {
            for (int record = 0; record < 10; record++)
            {
                for (int view = 0; view < 4; view++)
                {
                    Assert.True(first.Add(Augmentation.GeneratorFor(root, step, record, view).NextUInt64()));
                }
            }
        }

        Assert.Equal(Augmentation.GeneratorFor(root, 5, 6, 1).NextUInt64(), Augmentation.GeneratorFor(new SeededRandom(11), 5, 6, 1).NextUInt64());
    }

    [Theory]
    [InlineData("rotate")]
    [InlineData("crop")]
    [InlineData("shift")]
    [InlineData("flip")]
    public void Moving_pixels_keeps_a_constant_image_constant(string name)
    {
        float[] image = [.. Enumerable.Repeat(0.25f, C * H * W)];

        Augmentation.Parse(name).Apply(image, C, H, W, new SeededRandom(2));

        Assert.All(image, value => Assert.Equal(0.25f, value));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Values_stay_finite_and_near_their_range_for_every_shape(string name)
    {
        var augmentation = Augmentation.Parse(name);
        foreach ((int c, int h, int w) in new[] { (1, 1, 1), (1, 28, 28), (3, 7, 3), (3, 33, 32) })
        {
            for (int seed = 0; seed < 20; seed++)
            {
                float[] image = [.. Enumerable.Range(0, c * h * w).Select(i => i % 7 / 3f - 1)];
                augmentation.Apply(image, c, h, w, new SeededRandom((ulong)seed));
                Assert.All(image, value => Assert.InRange(value, -2f, 2f));
            }
        }
    }

    [Fact]
    public void Contrast_keeps_the_mean_and_cutout_clears_a_square()
    {
        float[] contrast = Picture();
        float[] cutout = [.. Enumerable.Repeat(1f, C * 32 * 32)];

        Augmentation.Parse("contrast").Apply(contrast, C, H, W, new SeededRandom(2));
        Augmentation.Parse("cutout").Apply(cutout, C, 32, 32, new SeededRandom(2));

        Assert.Equal(Picture().Average(), contrast.Average(), 1e-5);
        Assert.InRange(cutout.Count(value => value == 0), 1, C * 9 * 9);
    }

    [Fact]
    public void Unknown_and_repeated_names_are_listed_together_with_the_known_ones()
    {
        UsageException e = Assert.Throws<UsageException>(() => Augmentation.Parse("flip,flop,shift,shift,none"));

        Assert.Equal(3, e.Problems.Count);
        Assert.Contains("'flop' is no augmentation", e.Message, StringComparison.Ordinal);
        Assert.Contains("'shift' is given 2 times", e.Message, StringComparison.Ordinal);
        Assert.All(Augmentation.KnownNames, name => Assert.Contains(name, e.Message, StringComparison.Ordinal));
        Assert.Throws<UsageException>(() => Augmentation.Parse(""));
        Assert.Equal("flip,shift", Augmentation.Parse("Flip, shift").ToString());
    }

    [Fact]
    public void Sizes_that_do_not_fit_are_refused() =>
        Assert.Throws<ArgumentException>(() => Augmentation.Parse("flip").Apply(new float[10], 1, 3, 4, new SeededRandom(1)));

    [Fact]
    [Trait(Speed.Trait, Speed.Slow)]
    public void Flip_and_shift_take_no_memory_after_the_first_image()
    {
        var augmentation = Augmentation.Parse("flip,shift");
        var image = new float[3 * 64 * 64];
        var random = new SeededRandom(1);
        for (int i = 0; i < 2000; i++)
        {
            augmentation.Apply(image, 3, 64, 64, random);
        }

        long memory = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++)
        {
            augmentation.Apply(image, 3, 64, 64, random);
        }

        Assert.Equal(memory, GC.GetAllocatedBytesForCurrentThread());
    }

    private static float[] Picture() => [.. Enumerable.Range(0, C * H * W).Select(i => MathF.Sin(i * 0.7f))];

    private static SeededRandom First(Func<ulong, bool> accepts)
    {
        ulong seed = 0;
        while (!accepts(seed))
        {
            seed++;
        }

        return new SeededRandom(seed);
    }
}
