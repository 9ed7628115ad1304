using Pellicle.Audit.Canaries;
using Pellicle.Core.Errors;
using Pellicle.Training.Configuration;

namespace Pellicle.Audit.Tests.EndToEnd;

[Trait(Speed.Trait, Speed.Slow)]
public sealed class WhiteBoxAuditTests : AuditFixture
{
    [Fact]
    public void The_gradient_attack_on_a_private_run_lies_between_zero_and_the_accountants_epsilon_and_spends_nothing()
    {
        Train(SmallRun());
        byte[] ledger = File.ReadAllBytes(Path.Combine(RunFolder, "ledger.jsonl"));

        AuditResult audit = Audit(Request("gradient", "canary") with { CanaryKinds = [CanaryKind.Gradient], Canaries = 100 });

        Assert.InRange(audit.EpsilonLowerBound, 0.1, audit.EpsilonUpperBound!.Value);
        Assert.NotNull(audit.Attacks[0].Shift);
        Assert.Equal(100, audit.Attacks[1].Canaries!.Gradient);
        Assert.Equal(ledger, File.ReadAllBytes(Path.Combine(RunFolder, "ledger.jsonl")));
        Assert.False(Directory.Exists(Path.Combine(RunFolder, "audit-probe")));
        Assert.True(audit.Controls.Passed is not null);
    }

    [Fact]
    public void A_run_without_noise_and_clipping_is_detected()
    {
        TrainConfig config = SmallRun(20);
        Train(config with { Data = config.Data with { Source = "synth:dermoscopy,images=1400,size=16", Split = "80/10/10" }, Privacy = new PrivacySection { NonPrivate = true }, Train = config.Train with { Batch = 100 } });

        AuditResult audit = Audit(Request("canary", "gradient") with { CanaryKinds = [CanaryKind.Gradient] });

        Assert.True(audit.EpsilonLowerBound > 5);
        // 1000 right guesses at delta 1e-5 and 97.5 % show 4.4 at most.
        Assert.All(audit.Attacks, attack => Assert.True(attack.EpsilonLowerBound > 4, $"{attack.Name}: {attack.EpsilonLowerBound}"));
    }

    [Fact]
    public void A_network_that_is_too_large_is_refused_before_any_attack_starts()
    {
        TrainConfig config = SmallRun(1);
        Train(config with { Model = new ModelSection { Name = "vit_tiny", ImageSize = 16 }, Train = config.Train with { Batch = 2 } });

        var notes = new Notes();
        Assert.Contains("100,000", Assert.Throws<UsageException>(() => Audit(Request("loss", "lira", "gradient"), notes)).Message, StringComparison.Ordinal);
        Assert.Empty(notes.Texts);
    }

    // Every way of clipping and sampling that train offers, through the pipeline: the run's own settings, plan and accountant.
    [Theory]
    [InlineData(ClippingChoice.Adaptive, SamplingChoice.Poisson)]
    [InlineData(ClippingChoice.PerLayer, SamplingChoice.Shuffled)]
    [InlineData(ClippingChoice.Automatic, SamplingChoice.FixedSize)]
    [InlineData(ClippingChoice.Flat, SamplingChoice.Full)]
    public void The_lower_bound_of_a_run_is_at_most_its_upper_bound(ClippingChoice clipping, SamplingChoice sampling)
    {
        TrainConfig config = SmallRun(4);
        Train(config with { Privacy = config.Privacy with { Clipping = clipping, Sampling = sampling, NoiseMultiplier = 0.5, Unit = UnitChoice.Patient } });

        AuditResult audit = Audit(Request("loss", "gradient"));

        Assert.True(audit.Consistent, $"lower {audit.EpsilonLowerBound}, upper {audit.EpsilonUpperBound}");
        Assert.NotNull(audit.EpsilonUpperBound);
        Assert.True(audit.Attacks[1].Auc > 0.5);
        if (sampling != SamplingChoice.Poisson)
        {
            Assert.Contains("Poisson", Assert.Throws<UsageException>(() => Audit(Request("canary"))).Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Gradient_canaries_cannot_be_mixed_with_images() =>
        Assert.Throws<UsageException>(() => Audit(Request("canary") with { CanaryKinds = [CanaryKind.Noise, CanaryKind.Gradient] }));
}
