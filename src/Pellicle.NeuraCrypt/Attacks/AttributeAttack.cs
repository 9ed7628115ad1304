using Pellicle.Tensors;
using Pellicle.Training.Metrics;

namespace Pellicle.NeuraCrypt.Attacks;

/// <summary>Reads attributes off encodings: some are known with their attribute, a classifier tells it of the others; two folds.</summary>
internal sealed class AttributeAttack : EncodingAttack
{
    public override string Name => "attribute";

    public override IReadOnlyList<string> AttackerKnows { get; } = ["encodings of the release with their attributes, for half of them"];

    public override AttackFinding Run(AttackScene scene, AttackTarget target)
    {
        Tensor features = Tensor.Concatenate(0, [.. Enumerable.Range(0, target.Chunks).Select(chunk => PooledClassifier.Features(target.Read(chunk)))]);
        var extra = new Dictionary<string, double>();
        foreach ((string name, IReadOnlyList<string> values) in scene.Attributes)
        {
            bool[] positive = BinaryAttribute.Of([.. target.Truth.Select(picture => values[picture])]);
            var scores = new double[target.Count];
            for (int fold = 0; fold < 2; fold++)
            {
                int[] known = [.. Enumerable.Range(0, target.Count).Where(i => i % 2 == fold)];
                int[] asked = [.. Enumerable.Range(0, target.Count).Where(i => i % 2 != fold)];
                using PooledClassifier classifier = PooledClassifier.Fit(Take(features, known), [.. known.Select(i => positive[i])]);
                double[] found = classifier.Score(Take(features, asked));
                for (int i = 0; i < asked.Length; i++)
                {
                    scores[asked[i]] = found[i];
                }
            }

            if (PooledClassifier.Auc(scores, positive) is { } auc)
            {
                int positives = positive.Count(p => p);
                Interval interval = AucInterval.Of(auc, positives, positive.Length - positives, 0.95);
                extra[$"auc {name}"] = auc;
                extra[$"auc {name} low"] = interval.Low;
                extra[$"auc {name} high"] = interval.High;
            }
        }

        return new AttackFinding { Extra = extra };
    }

    private static Tensor Take(Tensor features, int[] rows) => features.IndexSelect(0, Tensor.From<long>(Array.ConvertAll(rows, row => (long)row), rows.Length));
}
