using Pellicle.Core.Random;
using Pellicle.Nn;
using Pellicle.Tensors;

namespace Pellicle.NeuraCrypt.Attacks;

/// <summary>Trains the attacker's encoder against a discriminator that sees encodings with their labels: two networks, two optimisers, cross-entropy.</summary>
internal sealed class GanAttack : DistributionAttack
{
    private const double LearningRate = 1e-4;
    private const double DiscriminatorLearningRate = 1e-3;

    public override string Name => "gan";

    public override IReadOnlyList<string> AttackerKnows { get; } = ["pictures of the same distribution with labels", "family of the encoder", "published labels"];

    protected override double Train(AttackScene scene, AttackTarget target, TrainableEncoder own, Tensor encodings)
    {
        IReadOnlyList<int> labels = scene.Labels ?? [.. Enumerable.Repeat(0, scene.Gallery.Count)];
        using var discriminator = new SetDiscriminator((int)encodings.Size(2), labels.Max() + 1, scene.Seeds);
        using var judge = new LossDescent(discriminator, DiscriminatorLearningRate);
        using var forger = new LossDescent(own, LearningRate);
        double loss = 0;
        for (int step = 0; step < scene.Budget.Steps; step++)
        {
            using TensorScope scope = TensorScope.Open();
            StepSample sample = Draw(scene);
            Tensor claimed = Labels(sample.Pictures.Select(picture => labels[picture]));
            int[] drawn = [.. sample.Pictures.Select(_ => scene.Seeds.NextInt(target.Count))];
            Tensor real = Rows(encodings, drawn, sample.Rows, scene);
            Tensor published = Labels(drawn.Select(i => labels[target.Truth[i]]));
            Tensor forged = Encode(own, sample, new ReferencePass(own, DType.Float32, ForwardContext.Evaluation())).Detach();
            judge.Step(pass => (Against(discriminator.Logits(real, published, pass), 1) + Against(discriminator.Logits(forged, claimed, pass), 0)) / (2.0 * drawn.Length));
            loss = forger.Step(pass => Against(discriminator.Logits(Encode(own, sample, pass), claimed, new ReferencePass(discriminator, DType.Float32, ForwardContext.Evaluation())), 1) / drawn.Length);
        }

        return loss;
    }

    private static Tensor Labels(IEnumerable<int> labels)
    {
        long[] values = [.. labels.Select(label => (long)label)];
        return Tensor.From<long>(values, values.Length);
    }

    // Random rows of random encodings, [B, rows, hidden].
    private static Tensor Rows(Tensor encodings, int[] images, int rows, AttackScene scene)
    {
        int patches = (int)encodings.Size(1);
        long[] index = [.. images.SelectMany(image => Enumerable.Range(0, rows).Select(_ => ((long)image * patches) + scene.Seeds.NextInt(patches)))];
        return encodings.Reshape(-1, encodings.Size(2)).IndexSelect(0, Tensor.From<long>(index, index.Length)).Reshape(images.Length, rows, -1);
    }

    private static Tensor Against(Tensor logits, long side) => logits.CrossEntropy(Tensor.Full(side, DType.Int64, logits.Size(0)));
}
