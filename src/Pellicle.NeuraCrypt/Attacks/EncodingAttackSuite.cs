using Pellicle.Training.Metrics;

namespace Pellicle.NeuraCrypt.Attacks;

/// <summary>Runs both controls, then every attack on the encodings of every key, and rates the release by the luckiest.</summary>
/// <param name="clock">Stopwatch.</param>
internal sealed class EncodingAttackSuite(TimeProvider clock)
{
    /// <summary>Runs it.</summary>
    /// <param name="scene">What the attacker has.</param>
    /// <param name="targets">Encodings key by key; at least one.</param>
    /// <param name="attacks">In the order of the result.</param>
    /// <param name="source">Where the gallery comes from, for the result.</param>
    /// <param name="cancellation">Looked at between attacks.</param>
    public EncodingAttackResult Run(AttackScene scene, IReadOnlyList<AttackTarget> targets, IReadOnlyList<EncodingAttack> attacks, string source, CancellationToken cancellation = default)
    {
        long begin = clock.GetTimestamp();
        scene.Progress("controls");
        (ControlResults controls, bool passed) = AttackControls.Run(scene, targets[0]);
        var methods = new List<EncodingMethodResult>();
        (string Method, MatchScore Score, int Images)? worst = null;
        foreach (EncodingAttack attack in attacks)
        {
            long start = clock.GetTimestamp();
            var findings = new List<(AttackTarget Target, AttackFinding Finding)>();
            foreach (AttackTarget target in attack.RunsOnce ? targets.Take(1) : targets)
            {
                cancellation.ThrowIfCancellationRequested();
                scene.Progress($"{attack.Name}: {target.Name}");
                using var scope = Tensors.TensorScope.Open();
                AttackFinding finding = attack.Run(scene, target);
                findings.Add((target, finding));
                passed &= finding.RandomBits is not { } noise || AttackControls.IsAtChance(noise, noise.Images, noise.Candidates);
                passed &= !attack.IsControl || finding.Score is not { } failing || AttackControls.IsAtChance(failing, failing.Images, failing.Candidates);
                if (finding.Score is { } score && !attack.IsControl && !(score.AssignmentAccuracy <= worst?.Score.AssignmentAccuracy))
                {
                    worst = (attack.Name, score, score.Images);
                }
            }

            methods.Add(Summary(attack, findings, clock.GetElapsedTime(start).TotalSeconds));
        }

        return new EncodingAttackResult
        {
            Gallery = new GallerySummary(scene.Gallery.Count, source, scene.Gallery.EqualPictures),
            Chance = 1.0 / scene.Gallery.Count,
            Methods = methods,
            Worst = worst is { } w ? new WorstMethod(w.Method, w.Score.AssignmentAccuracy) : null,
            Controls = controls,
            ControlsPassed = passed,
            SecondsTotal = clock.GetElapsedTime(begin).TotalSeconds,
            Rating = passed && worst is { } most ? Rate(ClopperPearson.TwoSided((int)Math.Round(most.Score.AssignmentAccuracy * most.Images), most.Images, 0.95).High) : null,
        };
    }

    // By what cannot be ruled out: with few images no failure of an attack is worth the word "low".
    internal static ReidentificationRating Rate(double upperLimit) =>
        upperLimit < 0.05 ? ReidentificationRating.Low : upperLimit <= 0.2 ? ReidentificationRating.Moderate : ReidentificationRating.High;

    private static EncodingMethodResult Summary(EncodingAttack attack, List<(AttackTarget Target, AttackFinding Finding)> findings, double seconds)
    {
        var result = new EncodingMethodResult
        {
            Name = attack.Name,
            AttackerKnows = attack.AttackerKnows,
            IsControl = attack.IsControl,
            Images = findings[0].Finding.Score?.Images ?? findings[0].Target.Count,
            Stages = [.. findings[0].Finding.Stages.Select((stage, i) => stage with { Value = findings.Average(f => f.Finding.Stages[i].Value) })],
            Extra = findings[0].Finding.Extra.Keys.ToDictionary(key => key, key => findings.Average(f => f.Finding.Extra[key])),
            Seconds = seconds,
        };
        if (findings[0].Finding.Score is null)
        {
            return result;
        }

        MatchScore[] scores = [.. findings.Select(f => f.Finding.Score!)];
        double top1 = scores.Average(s => s.Top1);
        return result with
        {
            Top1 = top1,
            Top1Interval = ClopperPearson.TwoSided((int)Math.Round(top1 * result.Images), result.Images, 0.95),
            AssignmentAccuracy = scores.Average(s => s.AssignmentAccuracy),
            GuessesToFirstHit = scores.Select(s => s.GuessesToFirstHit).Order().ElementAt(scores.Length / 2),
            MedianRank = scores.Average(s => s.MedianRank),
            Keys = [.. findings.Select(f => new KeyScore(f.Target.Name, f.Finding.Score!.Top1, f.Finding.Score.AssignmentAccuracy, f.Finding.Score.GuessesToFirstHit, f.Finding.Score.MedianRank, f.Finding.RandomBits?.AssignmentAccuracy))],
        };
    }
}
