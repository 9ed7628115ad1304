using Pellicle.Core.Random;

namespace Pellicle.Core.Tests.Random;

public sealed class SeededRandomTests
{
    [Fact]
    public void Equal_seeds_give_equal_streams_and_other_seeds_others()
    {
        Assert.Equal(First(new SeededRandom(7)), First(new SeededRandom(7)));
        Assert.NotEqual(First(new SeededRandom(7)), First(new SeededRandom(8)));
    }

    [Fact]
    public void A_derived_stream_depends_on_seed_purpose_and_index_but_not_on_what_was_drawn_before()
    {
        var drawn = new SeededRandom(7);
        First(drawn);
        ulong[] derived = First(new SeededRandom(7).Derive("dropout", 3));
        Assert.Equal(derived, First(drawn.Derive("dropout", 3)));
        Assert.NotEqual(derived, First(drawn.Derive("dropout", 4)));
        Assert.NotEqual(derived, First(drawn.Derive("augment", 3)));
        Assert.NotEqual(derived, First(new SeededRandom(8).Derive("dropout", 3)));
    }

    [Fact]
    public void Each_bit_of_a_word_is_set_about_half_of_the_time()
    {
        const int Draws = 20000; // five standard deviations of a fair coin are 354
        var random = new SeededRandom(1);
        var set = new int[64];
        for (int i = 0; i < Draws; i++)
        {
            ulong word = random.NextUInt64();
            for (int bit = 0; bit < 64; bit++)
            {
                set[bit] += (int)((word >> bit) & 1);
            }
        }

        Assert.All(set, count => Assert.InRange(count, (Draws / 2) - 354, (Draws / 2) + 354));
    }

    private static ulong[] First(ISeededRandom random) => [.. Enumerable.Range(0, 8).Select(_ => random.NextUInt64())];
}
