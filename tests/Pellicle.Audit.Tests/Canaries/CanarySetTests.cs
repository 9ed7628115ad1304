using Pellicle.Audit.Attacks;
using Pellicle.Audit.Canaries;
using Pellicle.Core.Random;

namespace Pellicle.Audit.Tests.Canaries;

public sealed class CanarySetTests
{
    private static readonly CanaryImageShape Shape = new(3, 8, [.5f, .5f, .5f], [.5f, .5f, .5f]);

    [Fact]
    public void Held_out_images_get_a_wrong_label_once_each_and_random_pixels_fill_the_rest()
    {
        (int Record, int Label)[] heldOut = [.. Enumerable.Range(100, 30).Select(r => (r, r % 3))];

        IReadOnlyList<Canary> canaries = CanarySet.Make(50, heldOut, 3, Shape, new SeededRandom(1), new SystemSecureRandom());

        Canary[] mislabelled = [.. canaries.Where(c => c.Kind == CanaryKind.Mislabelled)];
        Assert.Equal(30, mislabelled.Length);
        Assert.Equal(30, mislabelled.Select(c => c.Image.Record).Distinct().Count());
        Assert.All(mislabelled, c => Assert.NotEqual(c.Image.Record!.Value % 3, c.Image.Label));
        Assert.All(canaries.Where(c => c.Kind == CanaryKind.Noise), c => Assert.Equal(3 * 8 * 8, c.Image.Pixels!.Length));
        Assert.All(canaries, c => Assert.InRange(c.Image.Label, 0, 2));
        Assert.All(canaries.Where(c => c.Kind == CanaryKind.Noise).SelectMany(c => c.Image.Pixels!), p => Assert.InRange(p, -1f, 1f));
    }

    [Fact]
    public void Content_repeats_with_the_seed_and_coins_do_not()
    {
        IReadOnlyList<Canary> a = CanarySet.Make(200, [], 2, Shape, new SeededRandom(1), new SystemSecureRandom());
        IReadOnlyList<Canary> b = CanarySet.Make(200, [], 2, Shape, new SeededRandom(1), new SystemSecureRandom());

        Assert.Equal(a.Select(c => c.Image.Pixels![0]), b.Select(c => c.Image.Pixels![0]));
        // Equal by chance with probability 2^-200.
        Assert.NotEqual(a.Select(c => c.IsIncluded), b.Select(c => c.IsIncluded));
    }

    // 20,000 fair coins: |heads − 10000| above 330 has probability 3e-6.
    [Fact]
    public void Coins_are_fair()
    {
        var tiny = new CanaryImageShape(1, 1, [0], [1]);
        int heads = CanarySet.Make(20_000, [], 2, tiny, new SeededRandom(1), new SystemSecureRandom()).Count(c => c.IsIncluded);

        Assert.InRange(heads, 9670, 10_330);
    }

    [Fact]
    public void A_twin_that_learned_its_canaries_is_told_from_one_that_did_not()
    {
        IReadOnlyList<Canary> canaries = CanarySet.Make(600, [], 2, Shape, new SeededRandom(1), new SystemSecureRandom());
        var random = new SeededRandom(2);
        double[] reference = [.. canaries.Select(_ => 1 + random.NextDouble())];
        double[] learned = [.. canaries.Select((c, i) => c.IsIncluded ? 0.01 : reference[i] + 0.1)];

        AttackResult found = CanaryAttack.Evaluate(canaries, reference, learned, 1e-5, 0.95, 1);
        AttackResult nothing = CanaryAttack.Evaluate(canaries, reference, reference, 1e-5, 0.95, 1);

        Assert.True(found.EpsilonLowerBound > 3.5);
        Assert.Equal(1, found.Auc);
        Assert.Equal(0.5, nothing.Auc!.Value, 6);
        Assert.Equal(600, found.Canaries!.Planted);
        Assert.Equal(canaries.Count(c => c.IsIncluded), found.Canaries.Included);
    }
}
