using System.Text.Json;
using System.Text.Json.Nodes;
using Pellicle.Formats.Json;
using Pellicle.Privacy.Accounting;
using Pellicle.Privacy.Noise;
using Pellicle.Privacy.Plan;
using Pellicle.Privacy.Sampling;
using Pellicle.Privacy.Statement;

namespace Pellicle.Privacy.Tests.Statement;

public class PrivacyStatementTests
{
    private static readonly string[] Fields =
    [
        "private", "mechanism", "epsilon", "epsilonLower", "delta", "accountant", "accountantVersion", "neighbouringRelation", "unit", "n", "nIsPublic", "maxImagesPerUnit", "sampling", "sampleRate",
        "expectedBatchSize", "steps", "noiseMultiplier", "phases", "maxGradNorm", "clipping", "precision", "noiseSource", "averagingDivisor", "augmentMultiplicity", "mu", "curve", "byAccountant", "pretraining",
        "coversTuning", "notCovered", "release", "ledgerHash", "statement",
    ];

    private static DpOptions Options => new() { N = 6000, ExpectedBatchSize = 60, Steps = 300, NoiseMultiplier = 1.3 };

    private static PrivacyStatement Statement(DpOptions options) => PrivacyStatementBuilder.For(DpTrainingPlan.Create(options, 1000));

    [Fact]
    public void Json_has_exactly_the_fields_of_the_specification_and_the_precision_with_and_without_privacy()
    {
        foreach (PrivacyStatement statement in new[] { Statement(Options), PrivacyStatementBuilder.NonPrivate(10) })
        {
            JsonObject json = JsonSerializer.SerializeToNode(statement, PellicleJson.Indented)!.AsObject();
            Assert.Equal(Fields.Order(), json.Select(p => p.Key).Order());
        }
    }

    [Fact]
    public void The_format_of_products_is_named_where_it_is_not_float32()
    {
        Assert.Equal("float32", Statement(Options).Precision);
        Assert.DoesNotContain("bfloat16", Statement(Options).Statement, StringComparison.Ordinal);
        PrivacyStatement narrow = Statement(Options with { Precision = Nn.ProductPrecision.Bfloat16 });
        Assert.Equal("bfloat16", narrow.Precision);
        Assert.Contains("measured on the rounded values", narrow.Statement, StringComparison.Ordinal);
        Assert.Equal(Statement(Options).Epsilon, narrow.Epsilon);
    }

    [Fact]
    public void Values_come_from_the_plan_and_the_ledger_history()
    {
        DpTrainingPlan plan = DpTrainingPlan.Create(Options, 1000);
        PrivacyStatement statement = PrivacyStatementBuilder.For(plan, plan.TotalHistoryAfter(200), 200, "abc");
        Assert.True(statement.Private);
        Assert.Equal(plan.Accountant.Epsilon(plan.TotalHistoryAfter(200), 1e-5).Epsilon, statement.Epsilon);
        Assert.Equal(200, statement.Steps);
        Assert.Equal("abc", statement.LedgerHash);
        Assert.Equal(("poisson", 0.01, "addOrRemoveOne", "image", "secure", "flat", "prv"), (statement.Sampling, statement.SampleRate, statement.NeighbouringRelation, statement.Unit, statement.NoiseSource, statement.Clipping, statement.Accountant));
        Assert.Equal([1e-3, 1e-4, 1e-5, 1e-6, 1e-7, 1e-8, 1e-9], statement.Curve.Select(c => c.Delta));
        Assert.True(statement.Curve.Zip(statement.Curve.Skip(1)).All(pair => pair.First.Epsilon <= pair.Second.Epsilon));
        Assert.True(statement.ByAccountant.Rdp > statement.ByAccountant.Prv);
        Assert.NotNull(statement.ByAccountant.GdpApproximation);
        Assert.False(statement.CoversTuning);
        Assert.Equal(60, statement.AveragingDivisor);
    }

    [Fact]
    public void Mu_covers_every_point_of_the_curve_and_touches_one()
    {
        PrivacyStatement statement = Statement(Options);
        double slack = statement.Curve.Min(point => GaussianProfile.Delta(statement.Mu!.Value, point.Epsilon!.Value) / point.Delta);
        Assert.InRange(slack, 1 - 1e-9, 1 + 1e-9);
    }

    [Fact]
    public void Epsilon_never_stands_without_delta_unit_relation_sampling_and_accountant()
    {
        string text = Statement(Options).Statement;
        foreach (string part in new[] { "1e-5", "one image", "add or remove one", "Poisson", "prv", "Not covered", "not a medical device" })
        {
            Assert.Contains(part, text, StringComparison.Ordinal);
        }

        foreach (string promise in new[] { "compliant", "anonymous", "unhackable" })
        {
            Assert.DoesNotContain(promise, text, StringComparison.OrdinalIgnoreCase);
        }

        Assert.Contains("one patient", Statement(Options with { Unit = PrivacyUnit.Patient }).Statement, StringComparison.Ordinal);
        Assert.Contains("shuffled", Statement(Options with { Sampling = SamplingKind.Shuffled }).Statement, StringComparison.Ordinal);
    }

    [Fact]
    public void Trap_16_what_is_not_covered_is_listed()
    {
        Assert.Contains(Statement(Options).NotCovered, n => n.Contains("per-step loss", StringComparison.Ordinal));
        Assert.Contains(Statement(Options with { AcceptUnaccountedTuning = true }).NotCovered, n => n.Contains("accept-unaccounted-tuning", StringComparison.Ordinal));
        Assert.Contains(Statement(Options with { NIsPublic = false }).NotCovered, n => n.StartsWith("n itself", StringComparison.Ordinal));
    }

    [Fact]
    public void A_seeded_run_says_so_everywhere()
    {
        PrivacyStatement statement = Statement(Options with { InsecureSeed = new InsecureSeed(4) });
        Assert.Equal("seededForTests", statement.NoiseSource);
        Assert.Contains("INSECURE", statement.Statement, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_privacy_epsilon_is_null_and_the_text_says_so()
    {
        PrivacyStatement statement = PrivacyStatementBuilder.NonPrivate(100, 50);
        Assert.False(statement.Private);
        Assert.Null(statement.Epsilon);
        Assert.Contains("without differential privacy", statement.Statement, StringComparison.Ordinal);
    }
}
