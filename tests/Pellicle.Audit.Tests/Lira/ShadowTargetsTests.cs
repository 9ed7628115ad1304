using Pellicle.Audit.Lira;
using Pellicle.Core.Random;

namespace Pellicle.Audit.Tests.Lira;

public sealed class ShadowTargetsTests
{
    private static readonly ShadowTargets Targets = new([.. Enumerable.Range(0, 50).Select(i => new[] { i })], [.. Enumerable.Range(50, 50).Select(i => new[] { i })]);

    [Fact]
    public void Every_unit_is_in_exactly_half_of_the_models_and_every_model_has_half_of_the_units()
    {
        bool[][] isIn = [.. Enumerable.Range(0, 8).Select(shadow => Targets.Assignment(shadow, new SeededRandom(1)))];

        Assert.All(isIn, model => Assert.Equal(50, model.Count(unit => unit)));
        Assert.All(Enumerable.Range(0, 100), unit => Assert.Equal(4, isIn.Count(model => model[unit])));
    }

    [Fact]
    public void A_model_is_dealt_the_same_units_however_many_models_there_are()
    {
        ISeededRandom random = new SeededRandom(1);
        bool[] third = Targets.Assignment(3, random);
        _ = Targets.Assignment(7, random);

        Assert.Equal(third, Targets.Assignment(3, random));
        Assert.NotEqual(third, Targets.Assignment(5, random));
        Assert.NotEqual(third, Targets.Assignment(3, new SeededRandom(2)));
    }
}
