using Pellicle.Core.Random;
using Pellicle.Tensors;

namespace Pellicle.NeuraCrypt.Attacks;

/// <summary>Trains the attacker's encoder on the maximum mean discrepancy of patch means.</summary>
internal sealed class MmdAttack : DistributionAttack
{
    private const double LearningRate = 1e-3;

    public override string Name => "mmd";

    protected override double Train(AttackScene scene, AttackTarget target, TrainableEncoder own, Tensor encodings)
    {
        using TensorScope scope = TensorScope.Open();
        Tensor means = encodings.Mean(1);
        using var descent = new LossDescent(own, LearningRate);
        double loss = 0;
        for (int step = 0; step < scene.Budget.Steps; step++)
        {
            using TensorScope inner = TensorScope.Open();
            StepSample sample = Draw(scene);
            long[] real = [.. sample.Pictures.Select(_ => (long)scene.Seeds.NextInt(target.Count))];
            Tensor chosen = means.IndexSelect(0, Tensor.From<long>(real, real.Length));
            loss = descent.Step(pass => MaximumMeanDiscrepancy.Loss(chosen, Encode(own, sample, pass).Mean(1)));
        }

        return loss;
    }
}
