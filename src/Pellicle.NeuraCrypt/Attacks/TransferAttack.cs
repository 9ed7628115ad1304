using Pellicle.NeuraCrypt.Encoders;
using Pellicle.Tensors;

namespace Pellicle.NeuraCrypt.Attacks;

/// <summary>Reads labels off encodings of others: train an own encoder to be distributed as the target's → train a classifier on its encodings of labelled pictures → apply it to the target's.</summary>
/// <remarks>Half of the pictures are the attacker's labelled ones, the encodings of the other half are judged. The same with an encoder that was not trained is the control:
/// under unrelated keys nothing transfers.</remarks>
internal sealed class TransferAttack : EncodingAttack
{
    public override string Name => "transfer";

    public override IReadOnlyList<string> AttackerKnows { get; } = ["labelled pictures of the same distribution", "family of the encoder"];

    public override AttackFinding Run(AttackScene scene, AttackTarget target)
    {
        if (scene.Labels is null || scene.Labels.Distinct().Count() < 2)
        {
            return new AttackFinding();
        }

        Tensor encodings = target.All();
        bool[] positive = BinaryAttribute.Of([.. scene.Labels.Select(label => label.ToString())]);
        int[] own = [.. Enumerable.Range(0, scene.Gallery.Count).Where(i => i % 2 == 0)];
        int[] judged = [.. Enumerable.Range(0, target.Count).Where(i => target.Truth[i] % 2 == 1)];
        Tensor features = PooledClassifier.Features(encodings.IndexSelect(0, Tensor.From<long>([.. judged.Select(i => (long)i)], judged.Length)));
        bool[] truth = [.. judged.Select(i => positive[target.Truth[i]])];
        using TrainableEncoder trained = new MmdAttack().Fit(scene, target, encodings, out _);
        double Auc(IRowEncoder encoder)
        {
            using TensorScope scope = TensorScope.Open();
            Tensor learned = Tensor.Concatenate(0, [.. own.Chunk(AttackGallery.BatchImages).Select(chunk => PooledClassifier.Features(encoder.Encode(scene.Gallery.Pictures(chunk))))]);
            using PooledClassifier classifier = PooledClassifier.Fit(learned, [.. own.Select(i => positive[i])]);
            return PooledClassifier.Auc(classifier.Score(features), truth) ?? double.NaN;
        }

        return new AttackFinding { Extra = new Dictionary<string, double> { ["auc"] = Auc(trained), ["aucUnrelatedKeys"] = Auc(scene.Own), ["judged"] = judged.Length } };
    }
}
