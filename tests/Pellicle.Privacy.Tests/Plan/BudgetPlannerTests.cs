using System.Text.Json;
using System.Text.Json.Nodes;
using Pellicle.Core.Errors;
using Pellicle.Formats.Json;
using Pellicle.Privacy.Accounting;
using Pellicle.Privacy.Plan;

namespace Pellicle.Privacy.Tests.Plan;

public class BudgetPlannerTests
{
    private static PlanRequest Request => new() { N = 5918, ExpectedBatchSize = 256, Accountant = AccountantKind.Rdp };

    [Fact]
    public void Epochs_and_target_give_the_noise()
    {
        BudgetPlan plan = BudgetPlanner.Plan(Request with { Epochs = 20, TargetEpsilon = 3 });
        Assert.Equal("noiseMultiplier", plan.SolvedFor);
        Assert.Equal(463, plan.Steps);
        Assert.Equal(1.630, plan.NoiseMultiplier, 0.002);
        Assert.InRange(plan.Epsilon!.Value, 2.999, 3);
        Assert.Equal([1.0, 3, 8], plan.Alternatives.Select(a => a.TargetEpsilon));
        Assert.Equal(0.926, plan.Alternatives[2].NoiseMultiplier!.Value, 0.002);
        Assert.NotNull(plan.BestOrder);
        Assert.False(plan.OrderAtEdge);
        Assert.True(plan.EpsilonLower < plan.Epsilon);
        Assert.Empty(plan.Table);
    }

    [Fact]
    public void Epochs_and_noise_give_epsilon()
    {
        BudgetPlan plan = BudgetPlanner.Plan(new PlanRequest { N = 60000, ExpectedBatchSize = 64, Steps = 9380, NoiseMultiplier = 1.3, Accountant = AccountantKind.Rdp, Orders = RdpOrders.Parse("2..31") });
        Assert.Equal("epsilon", plan.SolvedFor);
        Assert.Equal(0.4519, plan.Epsilon!.Value, 0.0001);
        Assert.Equal(22, plan.BestOrder);
        Assert.Equal(9380 * 64 / 60000.0, plan.Epochs, 1e-12);
    }

    [Fact]
    public void Target_and_noise_give_the_epochs()
    {
        BudgetPlan plan = BudgetPlanner.Plan(Request with { TargetEpsilon = 3, NoiseMultiplier = 1.630 });
        Assert.Equal("epochs", plan.SolvedFor);
        Assert.InRange(plan.Steps, 458, 468);
        Assert.True(plan.Epsilon <= 3);
    }

    [Fact]
    public void Prv_needs_less_noise_than_rdp_for_the_same_budget()
    {
        BudgetPlan rdp = BudgetPlanner.Plan(Request with { Epochs = 5, TargetEpsilon = 3 });
        BudgetPlan prv = BudgetPlanner.Plan(Request with { Epochs = 5, TargetEpsilon = 3, Accountant = AccountantKind.Prv });
        Assert.True(prv.NoiseMultiplier < rdp.NoiseMultiplier);
        Assert.Null(prv.BestOrder);
        Assert.InRange(prv.Epsilon!.Value, 2.999, 3);
        Assert.InRange(prv.EpsilonLower!.Value, 2.97, 2.99);
    }

    [Fact]
    public void Spent_budget_is_shown_and_included()
    {
        PrivacyHistory spent = PrivacyHistory.Of(MechanismEvent.Poisson(256.0 / 5918, 2), 100);
        BudgetPlan plan = BudgetPlanner.Plan(Request with { Epochs = 5, TargetEpsilon = 3, Spent = spent });
        Assert.Equal(new RdpAccountant().Epsilon(spent, 1e-5).Epsilon, plan.SpentEpsilon!.Value, 1e-9);
        Assert.True(plan.NoiseMultiplier > BudgetPlanner.Plan(Request with { Epochs = 5, TargetEpsilon = 3 }).NoiseMultiplier);
        Assert.Null(plan.Alternatives[0].NoiseMultiplier); // epsilon 1 is spent already
        Assert.Equal(2, plan.Privacy.Phases.Count);
    }

    [Fact]
    public void The_table_has_half_whole_and_double_the_epochs_for_each_budget()
    {
        BudgetPlan plan = BudgetPlanner.Plan(Request with { Epochs = 20, TargetEpsilon = 2, Table = true });
        Assert.Equal(12, plan.Table.Count);
        PlanRow row = plan.Table.Single(r => r.Epochs == 20 && r.TargetEpsilon == 8);
        Assert.Equal(463, row.Steps);
        Assert.Equal(0.926, row.NoiseMultiplier!.Value, 0.002);
    }

    [Fact]
    public void The_table_shows_that_larger_batches_need_more_noise_of_which_less_reaches_the_mean()
    {
        BudgetPlan plan = BudgetPlanner.Plan(Request with { Epochs = 20, TargetEpsilon = 3, Table = true });
        Assert.Equal([32L, 256, 1024], plan.Batches.Select(b => b.ExpectedBatchSize));
        Assert.Equal(3699, plan.Batches[0].Steps); // ceil(20 · 5918 / 32)
        Assert.Equal(plan.NoiseMultiplier, plan.Batches[1].NoiseMultiplier!.Value, 1e-9);
        Assert.True(plan.Batches.Zip(plan.Batches.Skip(1)).All(pair => pair.First.NoiseMultiplier < pair.Second.NoiseMultiplier && pair.First.NoisePerUnit > pair.Second.NoisePerUnit));

        // Without a target the budget is what the given noise costs; a batch above n does not occur.
        BudgetPlan given = BudgetPlanner.Plan(Request with { N = 600, Epochs = 20, NoiseMultiplier = 3, Table = true });
        Assert.Equal([32L, 256], given.Batches.Select(b => b.ExpectedBatchSize));
        Assert.Equal(3, given.Batches[1].NoiseMultiplier!.Value, 0.01);
    }

    [Fact]
    public void An_approximation_below_a_proven_lower_bound_is_contradicted_aloud()
    {
        BudgetPlan plan = BudgetPlanner.Plan(new PlanRequest { N = 1000, ExpectedBatchSize = 100, Epochs = 1, TargetEpsilon = 1, Accountant = AccountantKind.Gdp });
        Assert.True(plan.EpsilonLower > plan.Epsilon);
        Assert.Contains(plan.Notes, n => n.Contains("the true epsilon at delta 1E-05 is at least", StringComparison.Ordinal));
        Assert.DoesNotContain(BudgetPlanner.Plan(Request with { Epochs = 5, TargetEpsilon = 3 }).Notes, n => n.Contains("true epsilon at delta", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(1e-300)]
    [InlineData(1e300)]
    public void Noise_outside_the_range_of_exact_accounting_is_refused_instead_of_called_infinite(double noise)
    {
        UsageException e = Assert.Throws<UsageException>(() => BudgetPlanner.Plan(Request with { Epochs = 5, NoiseMultiplier = noise }));
        Assert.Contains("from 1e-6 to 1e9", e.Message, StringComparison.Ordinal);
        Assert.True(BudgetPlanner.Plan(Request with { Epochs = 5, NoiseMultiplier = 1e9 }).Epsilon < 0.01);
    }

    [Fact]
    public void Gdp_is_shown_as_an_approximation_and_makes_nothing_private()
    {
        BudgetPlan plan = BudgetPlanner.Plan(Request with { Epochs = 20, NoiseMultiplier = 1, Accountant = AccountantKind.Gdp });
        Assert.Contains(plan.Notes, n => n.Contains("approximation", StringComparison.Ordinal));
        Assert.False(plan.Privacy.Private);
        Assert.Equal(plan.Epsilon, plan.Privacy.ByAccountant.GdpApproximation);
    }

    [Fact]
    public void One_or_three_of_the_quantities_or_wrong_values_are_usage_errors_all_listed()
    {
        Assert.Throws<UsageException>(() => BudgetPlanner.Plan(Request with { Epochs = 20 }));
        Assert.Throws<UsageException>(() => BudgetPlanner.Plan(Request with { Epochs = 20, TargetEpsilon = 3, NoiseMultiplier = 1 }));
        var error = Assert.Throws<UsageException>(() => BudgetPlanner.Plan(Request with { Epochs = -1, TargetEpsilon = 3, Delta = 2 }));
        Assert.True(error.Problems.Count >= 2);
        Assert.Throws<PrivacyBudgetExceededException>(() => BudgetPlanner.Plan(Request with { TargetEpsilon = 0.1, NoiseMultiplier = 0.3 }));
    }

    [Fact]
    public void Json_has_exactly_the_fields_of_the_specification()
    {
        BudgetPlan plan = BudgetPlanner.Plan(Request with { Epochs = 20, NoiseMultiplier = 1.5 });
        JsonObject json = JsonSerializer.SerializeToNode(plan, PellicleJson.Indented)!.AsObject();
        Assert.Equal(
            new[] { "privacy", "solvedFor", "n", "expectedBatchSize", "sampleRate", "epochs", "steps", "delta", "noiseMultiplier", "epsilon", "epsilonLower", "bestOrder", "orderAtEdge", "spentEpsilon", "alternatives", "table", "batches", "notes" }.Order(),
            json.Select(p => p.Key).Order());
    }
}
