using Pellicle.Core.Random;
using Pellicle.NeuraCrypt.Encoders;
using Pellicle.NeuraCrypt.Keys;
using Pellicle.Tensors;
using Pellicle.Training.Metrics;

namespace Pellicle.NeuraCrypt.Attacks;

/// <summary>The quick audit: draw any encoder of the family → encode the gallery → compare fingerprints → run both controls → rate.</summary>
/// <remarks>Needs no training and no key, so every attacker with candidate pictures can do it. Carlini et al. 2021, arXiv 2108.07256, solve the public
/// challenge completely with more effort: a low rating here proves nothing.</remarks>
internal sealed class EncodingAudit
{
    /// <summary>Most encodings that the gate of <c>encode run</c> attacks.</summary>
    public const int QuickImages = 128;

    /// <summary>Fewest images with which a rating means anything.</summary>
    public const int FewestImages = 16;

    private const int BatchImages = 16;
    private const double IdentityFloor = 0.99;

    // Hits of noise are about Poisson(1): at 95 % one audit in fifty would fail without a fault, at 99.99 % one in twenty thousand.
    private const double ControlConfidence = 0.9999;

    private readonly SystemSecureRandom _random = new();
    private readonly TimeProvider _clock;

    public EncodingAudit(TimeProvider clock) => _clock = clock;

    /// <summary>Attacks encodings of a gallery that holds the encoded pictures.</summary>
    /// <param name="architecture">The public family.</param>
    /// <param name="victims">Encodings in batches [b, P, hidden] as they would be published; image i is picture i of the gallery.</param>
    /// <param name="gallery">Pictures in batches [b, C, S, S], normalised.</param>
    /// <param name="source">Where the gallery comes from, for the result.</param>
    public EncodingAttackResult Run(EncoderArchitecture architecture, IReadOnlyList<Tensor> victims, IReadOnlyList<Tensor> gallery, string source)
    {
        long start = _clock.GetTimestamp();
        Fingerprint[] victim = [.. victims.SelectMany(Fingerprint.Of)];
        Fingerprint[] candidates = Candidates(architecture, gallery);
        int n = victim.Length;

        // The attacker sees the gallery in an order of his own, so that no attack gains from equal places.
        int[] order = PatchShuffle.Draw(n, _random);
        int[] truth = new int[n];
        for (int place = 0; place < n; place++)
        {
            truth[order[place]] = place;
        }

        (string Name, MatchScore Score)[] scores = Scores(victim, [.. order.Select(i => candidates[i])], truth);
        MatchScore all = scores[^1].Score;
        Fingerprint[] pixels = Pixels(gallery, architecture);
        double identity = Scores(pixels, [.. order.Select(i => pixels[i])], truth)[^1].Score.AssignmentAccuracy;
        MatchScore random = Scores(Noise(victims), [.. order.Select(i => candidates[i])], truth)[^1].Score;
        bool passed = identity >= IdentityFloor && ClopperPearson.TwoSided((int)Math.Round(random.AssignmentAccuracy * n), n, ControlConfidence).Low <= 1.0 / n;
        return new EncodingAttackResult
        {
            Gallery = new GallerySummary(n, source),
            Chance = 1.0 / n,
            Methods =
            [
                new EncodingMethodResult
                {
                    Name = "fingerprint",
                    AttackerKnows = ["candidate pictures", "family of the encoder"],
                    Images = n,
                    Top1 = all.Top1,
                    Top1Interval = all.Top1Interval,
                    AssignmentAccuracy = all.AssignmentAccuracy,
                    GuessesToFirstHit = all.GuessesToFirstHit,
                    MedianRank = all.MedianRank,
                    Stages = [.. scores.Select(s => new AttackStage(s.Name, s.Score.AssignmentAccuracy))],
                    Seconds = _clock.GetElapsedTime(start).TotalSeconds,
                },
            ],
            Worst = new WorstMethod("fingerprint", all.AssignmentAccuracy),
            Controls = new ControlResults(identity, random.AssignmentAccuracy),
            ControlsPassed = passed,
            Rating = passed ? Rate(ClopperPearson.TwoSided((int)Math.Round(all.AssignmentAccuracy * n), n, 0.95).High) : null,
        };
    }

    // By what cannot be ruled out: with few images no failure of an attack is worth the word "low".
    internal static ReidentificationRating Rate(double upperLimit) =>
        upperLimit < 0.05 ? ReidentificationRating.Low : upperLimit <= 0.2 ? ReidentificationRating.Moderate : ReidentificationRating.High;

    private static (string Name, MatchScore Score)[] Scores(IReadOnlyList<Fingerprint> victims, IReadOnlyList<Fingerprint> candidates, int[] truth) =>
        [.. FingerprintAttack.Costs(victims, candidates).Select(cost => (cost.Name, MatchScore.Of(cost.Cost, truth)))];

    private Fingerprint[] Candidates(EncoderArchitecture architecture, IReadOnlyList<Tensor> gallery)
    {
        using EncoderKey own = EncoderKey.Create(architecture, _random, _clock.GetUtcNow());
        EncoderWeights weights = own.DeriveWeights();
        IReadOnlyList<NormStatistics>? statistics = own.NeedsCalibration ? EncoderCalibration.Measure(weights, gallery) : null;
        using var encoder = new PrivateEncoder(weights, statistics);
        return [.. gallery.SelectMany(images =>
        {
            using TensorScope scope = TensorScope.Open();
            return Fingerprint.Of(encoder.Encode(images));
        })];
    }

    private static Fingerprint[] Pixels(IReadOnlyList<Tensor> gallery, EncoderArchitecture a) => [.. gallery.SelectMany(images =>
    {
        using TensorScope scope = TensorScope.Open();
        return Fingerprint.Of(PrivateEncoder.Patches(images, a).Reshape(images.Size(0), a.Patches, a.PatchValues));
    })];

    // Fresh normal numbers with the mean and deviation of the batch they replace.
    private Fingerprint[] Noise(IReadOnlyList<Tensor> victims)
    {
        Span<byte> seed = stackalloc byte[8];
        _random.Fill(seed);
        var generator = new SeededRandom(BitConverter.ToUInt64(seed));
        return [.. victims.SelectMany(batch =>
        {
            using TensorScope scope = TensorScope.Open();
            double mean = batch.Mean().Item();
            double deviation = Math.Sqrt((batch - mean).Square().Mean().Item());
            var noise = new float[batch.Count];
            for (int i = 0; i < noise.Length; i++)
            {
                noise[i] = (float)(mean + (deviation * generator.NextGaussian()));
            }

            return Fingerprint.Of(Tensor.From<float>(noise, batch.Shape));
        })];
    }
}
