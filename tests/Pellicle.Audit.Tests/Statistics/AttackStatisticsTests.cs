using System.Text.Json;
using Pellicle.Audit.Attacks;
using Pellicle.Audit.Statistics;
using Pellicle.Core.Random;
using Pellicle.Formats.Json;

namespace Pellicle.Audit.Tests.Statistics;

public sealed class AttackStatisticsTests
{
    [Fact]
    public void Small_losses_of_members_are_found_and_described_with_all_documented_fields()
    {
        var random = new SeededRandom(3);
        double[] members = [.. GaussianMechanism.Outputs(2000, -1, random).Select(Math.Exp)];
        double[] others = [.. GaussianMechanism.Outputs(2000, 0, random).Select(Math.Exp)];

        AttackResult result = LossAttack.Evaluate(members, others, 1e-5, 0.95, random.Derive("split"), seconds: 2.5);

        Assert.Equal(4000, result.N);
        Assert.Equal(0.7602, result.Auc!.Value, 0.03); // Phi(1/sqrt 2)
        Assert.True(result.AucInterval!.Value.Contains(result.Auc.Value));
        Assert.Equal([0.001, 0.01, 0.1], result.TprAtFpr.Select(t => t.Fpr));
        Assert.All(result.TprAtFpr, t => Assert.True(t.TprInterval.Contains(t.Tpr)));
        Assert.Equal(0.383, result.Advantage!.Value, 0.05); // 2 Phi(1/2) − 1
        using var json = JsonDocument.Parse(JsonSerializer.Serialize(result, PellicleJson.Line));
        foreach (string field in new[] { "name", "n", "auc", "aucInterval", "tprAtFpr", "advantage", "epsilonLowerBound", "confidence", "seconds" })
        {
            Assert.True(json.RootElement.TryGetProperty(field, out _), field);
        }
    }

    [Fact]
    public void Shuffled_membership_gives_an_area_of_one_half_even_for_a_perfect_attack()
    {
        var scores = new MembershipScores([.. Enumerable.Repeat(1.0, 500)], [.. Enumerable.Repeat(0.0, 500)]);

        AuditControls controls = AttackStatistics.ShuffledMembership(scores, 0.95, new SeededRandom(1));

        Assert.InRange(controls.ShuffledMembership!.Value, 0.45, 0.55);
        Assert.True(controls.Passed);
    }

    [Fact]
    public void Without_held_out_units_there_is_no_area_and_no_bound()
    {
        AttackResult result = LossAttack.Evaluate([1, 2], [], 1e-5, 0.95, new SeededRandom(1), 0);

        Assert.Null(result.Auc);
        Assert.Empty(result.TprAtFpr);
        Assert.Equal(0, result.EpsilonLowerBound);
    }

    [Fact]
    public void Losses_that_are_not_numbers_do_not_stop_the_audit()
    {
        AttackResult result = LossAttack.Evaluate([double.NaN, 1, 2], [3, double.PositiveInfinity, 1], 1e-5, 0.95, new SeededRandom(1), 0);

        Assert.NotNull(result.Auc);
    }
}
