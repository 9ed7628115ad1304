using Pellicle.Audit.Statistics;
using Pellicle.Core.Random;

namespace Pellicle.Audit.Attacks;

/// <summary>LiRA, the likelihood-ratio attack with shadow models (Carlini et al. 2022).</summary>
/// <remarks>Knows how hard each unit is, so it finds the few units that a model gives away. Its bound treats units as the loss attack does.</remarks>
public static class LikelihoodRatioAttack
{
    /// <summary>Shadow models unless the user says otherwise.</summary>
    public const int UsualShadowModels = 16;

    /// <summary>Fewest that give each unit two models with it and two without.</summary>
    public const int FewestShadowModels = 4;

    /// <summary>Stated with the result.</summary>
    public const string Assumption =
        "The attacker trains shadow models with the run's settings and knows all other training units. Training and held-out units are exchangeable (split at random) and count as independent. The threshold was chosen on a random third and evaluated on the rest.";

    /// <summary>Evaluates the attack.</summary>
    /// <param name="name">"lira" or "lira-offline".</param>
    /// <param name="scores">Scores of both sides.</param>
    /// <param name="shadowModels">N.</param>
    /// <param name="delta">Delta of the guarantee, in [0, 1).</param>
    /// <param name="confidence">In (0, 1).</param>
    /// <param name="random">Splits the units into those that choose and those that count.</param>
    /// <param name="seconds">Wall-clock seconds to report.</param>
    public static AttackResult Evaluate(string name, MembershipScores scores, int shadowModels, double delta, double confidence, ISeededRandom random, double seconds)
    {
        double epsilon = ThresholdBound.Epsilon(scores, delta, confidence, random);
        return AttackStatistics.Describe(name, scores, epsilon, confidence, Assumption, seconds) with { ShadowModels = shadowModels };
    }
}
