using Pellicle.Core.Errors;
using Pellicle.NeuraCrypt.Attacks;
using Pellicle.NeuraCrypt.Encoders;

namespace Pellicle.NeuraCrypt.Tests.Attacks;

public class AttackSuiteTests
{
    private static readonly EncoderArchitecture Tiny = new() { Depth = 0, PatchSize = 8, HiddenDim = 16, ImageSize = 32 };
    private static readonly MatchScore Right = MatchScore.Of(Diagonal(20), [.. Enumerable.Range(0, 20)]);
    private static readonly MatchScore Wrong = MatchScore.Of(Diagonal(20), [.. Enumerable.Range(0, 20).Select(i => (i + 1) % 20)]);

    [Fact]
    public void An_attack_that_finds_pictures_in_noise_takes_the_rating_away()
    {
        using var trial = new AttackTrial(Tiny, 20);
        EncodingAttackResult result = trial.Run(new Fixed(new AttackFinding { Score = Wrong, RandomBits = Right }));
        Assert.False(result.ControlsPassed);
        Assert.Null(result.Rating);
        Assert.Equal(FailureKind.Unexpected, result.ControlFailure!.Kind);
    }

    [Fact]
    public void A_control_attack_that_succeeds_takes_the_rating_away_and_one_that_fails_is_not_rated()
    {
        using var trial = new AttackTrial(Tiny, 20);
        Assert.False(trial.Run(new Fixed(new AttackFinding { Score = Right }, isControl: true)).ControlsPassed);
        EncodingAttackResult failing = trial.Run(new Fixed(new AttackFinding { Score = Wrong }, isControl: true));
        Assert.True(failing.ControlsPassed);
        Assert.Null(failing.Worst);
        Assert.Null(failing.Rating);
    }

    [Fact]
    public void The_rating_follows_the_luckiest_attack()
    {
        using var trial = new AttackTrial(Tiny, 20);
        EncodingAttackResult result = trial.Run(new Fixed(new AttackFinding { Score = Wrong }), new Fixed(new AttackFinding { Score = Right }));
        Assert.Equal(1, result.Worst!.AssignmentAccuracy);
        Assert.Equal(ReidentificationRating.High, result.Rating);
        Assert.False(result.FormalGuarantee);
        Assert.Equal(1 / 20.0, result.Chance);
        Assert.Equal(1, result.Methods[1].GuessesToFirstHit);
        Assert.True(result.Methods[1].Top1Interval!.Value.Low > 0.8);
    }

    private static double[,] Diagonal(int n)
    {
        var cost = new double[n, n];
        for (int i = 0; i < n * n; i++)
        {
            cost[i / n, i % n] = i / n == i % n ? 0 : 1;
        }

        return cost;
    }

    private sealed class Fixed(AttackFinding finding, bool isControl = false) : EncodingAttack
    {
        public override string Name => "fixed";

        public override IReadOnlyList<string> AttackerKnows => [];

        public override bool IsControl => isControl;

        public override AttackFinding Run(AttackScene scene, AttackTarget target) => finding;
    }
}
