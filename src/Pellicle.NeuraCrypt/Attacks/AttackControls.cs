using Pellicle.NeuraCrypt.Encoders;
using Pellicle.Training.Metrics;

namespace Pellicle.NeuraCrypt.Attacks;

/// <summary>The two controls of every run: an attack on the pixels themselves must find every picture, an attack on noise must find none beyond chance.</summary>
/// <remarks>An attack that fails silently would pass as privacy; one that reads the truth would pass as a break.</remarks>
internal static class AttackControls
{
    private const double IdentityFloor = 0.99;

    // Hits of noise are about Poisson(1): at 95 % one test in fifty would fail without a fault, at 99.99 % one in twenty thousand.
    private const double Confidence = 0.9999;

    public static (ControlResults Results, bool Passed) Run(AttackScene scene, AttackTarget target)
    {
        EncoderArchitecture a = scene.Family.Architecture;
        IReadOnlyList<Fingerprint> pixels = scene.Each(pictures => Fingerprint.Of(PrivateEncoder.Patches(pictures, a).Reshape(pictures.Size(0), a.Patches, a.PatchValues)));
        double identity = FingerprintAttack.Match([.. target.Truth.Select(picture => pixels[picture])], pixels, target.Truth)[^1].Score.AmongCheapest;
        MatchScore noise = FingerprintAttack.Match(scene.NoiseLike(target).Each(Fingerprint.Of), scene.Fingerprints, target.Truth)[^1].Score;
        return (new ControlResults(identity, noise.AssignmentAccuracy), identity >= IdentityFloor && IsAtChance(noise, target.Count, scene.Gallery.Count));
    }

    /// <summary>True if a score cannot be told from guessing.</summary>
    public static bool IsAtChance(MatchScore score, int victims, int candidates) =>
        ClopperPearson.TwoSided((int)Math.Round(score.AssignmentAccuracy * victims), victims, Confidence).Low <= 1.0 / candidates;
}
