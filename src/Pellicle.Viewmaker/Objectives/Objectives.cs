using Pellicle.Tensors;

namespace Pellicle.Viewmaker;

/// <summary>The losses of attackers, task and generator, from logits. Each gives one value a picture where nothing else is said.</summary>
public static class Objectives
{
    /// <summary>−log p_y.</summary>
    /// <param name="logits">[N, K].</param>
    /// <param name="labels">[N], int64.</param>
    /// <returns>[N].</returns>
    public static Tensor CrossEntropy(Tensor logits, Tensor labels) => logits.CrossEntropy(labels, reduction: LossReduction.None);

    /// <summary>−α_y (1 − p_y)^γ log p_y (Lin et al. 2017), with p_y <b>detached</b> in the factor, as the reference has it.</summary>
    /// <param name="logits">[N, K].</param>
    /// <param name="labels">[N], int64.</param>
    /// <param name="alpha">[K], such as 1 − class frequency; null for 1. With γ = 0 this is the cross-entropy.</param>
    /// <param name="gamma">γ, at least 0.</param>
    /// <returns>[N].</returns>
    public static Tensor Focal(Tensor logits, Tensor labels, Tensor? alpha, double gamma)
    {
        Tensor own = logits.LogSoftmax().Gather(1, labels.Unsqueeze(1)).Squeeze(1);
        Tensor factor = AtenOperators.PowerScalar.Call((own.Detach().Exp() * -1) + 1, gamma);
        if (alpha is not null)
        {
            factor *= alpha.IndexSelect(0, labels);
        }

        return -(factor * own);
    }

    /// <summary>10·BCE·(1 − p_t)², the mean over all elements (the reference leaves it unreduced, which is no loss).</summary>
    /// <param name="logits">[N, K].</param>
    /// <param name="targets">[N, K], 0 or 1.</param>
    /// <returns>One value.</returns>
    public static Tensor MultiLabelFocal(Tensor logits, Tensor targets)
    {
        // log σ(z) = −log(1 + e^−z), by the log-softmax of (z, 0) so that large logits stay finite.
        Tensor pairs = Tensor.Stack(-1, logits, logits * 0).LogSoftmax();
        Tensor logOne = pairs.Select(-1, 0), logZero = pairs.Select(-1, 1);
        Tensor own = (targets * logOne) + (((targets * -1) + 1) * logZero);
        return (-own * ((own.Exp() * -1) + 1).Square() * 10).Mean();
    }

    /// <summary>SimCLR's loss (Chen et al. 2020) of two views of the same pictures.</summary>
    /// <param name="first">[B, D], not yet normalised.</param>
    /// <param name="second">[B, D].</param>
    /// <param name="temperature">t, &gt; 0.</param>
    /// <param name="isParity">The reference's form: the first view as anchor only, the pair of an anchor with itself in the sum, and log 2B subtracted.</param>
    /// <returns>[B].</returns>
    public static Tensor SimClr(Tensor first, Tensor second, double temperature, bool isParity)
    {
        Tensor a = Normalised(first), b = Normalised(second);
        if (isParity)
        {
            return -((a * b).Sum(1) / temperature) + LogSumExp(a.MatMul(Tensor.Concatenate(0, a, b).Transpose()) / temperature) - Math.Log(2.0 * a.Size(0));
        }

        return (OneSided(a, b, temperature) + OneSided(b, a, temperature)) * 0.5;
    }

    /// <summary>Noise-contrastive loss against a memory of other pictures (Wu et al. 2018), in its softmax form.</summary>
    /// <param name="view">[B, D], not yet normalised.</param>
    /// <param name="own">[B, D]: the memory's entries of the same pictures, of length 1.</param>
    /// <param name="negatives">[M, D]: entries of others, of length 1.</param>
    /// <param name="temperature">t, &gt; 0.</param>
    /// <returns>[B].</returns>
    public static Tensor Contrast(Tensor view, Tensor own, Tensor negatives, double temperature)
    {
        Tensor v = Normalised(view);
        Tensor positive = (v * own).Sum(1, keep: true) / temperature;
        return LogSumExp(Tensor.Concatenate(1, positive, v.MatMul(negatives.Transpose()) / temperature)) - positive.Squeeze(1);
    }

    /// <summary>KL(prior ‖ p): smallest where the attacker learns nothing. Maximising the attacker's loss instead rewards inverted labels.</summary>
    /// <param name="logits">[N, K].</param>
    /// <param name="prior">Class frequencies [K], each above 0.</param>
    /// <returns>[N].</returns>
    public static Tensor Confusion(Tensor logits, IReadOnlyList<double> prior)
    {
        double entropy = prior.Sum(p => p * Math.Log(p));
        Tensor weights = Tensor.From<float>([.. prior.Select(p => (float)p)], prior.Count).To(logits.Type);
        return -(logits.LogSoftmax() * weights).Sum(1) + entropy;
    }

    /// <summary>T²·KL(softmax(teacher/T) ‖ softmax(student/T)) (Hinton et al. 2015).</summary>
    /// <param name="student">[N, K].</param>
    /// <param name="teacher">[N, K], not differentiated.</param>
    /// <param name="temperature">T, &gt; 0.</param>
    /// <returns>[N].</returns>
    public static Tensor Distillation(Tensor student, Tensor teacher, double temperature)
    {
        Tensor target = (teacher.Detach() / temperature).LogSoftmax();
        return (target.Exp() * (target - (student / temperature).LogSoftmax())).Sum(1) * (temperature * temperature);
    }

    private static Tensor OneSided(Tensor anchor, Tensor other, double temperature)
    {
        long count = anchor.Size(0);
        var self = new float[count * count];
        for (long i = 0; i < count; i++)
        {
            self[(i * count) + i] = -1e9f; // an anchor is no pair of itself
        }

        Tensor among = (anchor.MatMul(anchor.Transpose()) / temperature) + Tensor.From<float>(self, count, count).To(anchor.Type);
        return LogSumExp(Tensor.Concatenate(1, anchor.MatMul(other.Transpose()) / temperature, among)) - ((anchor * other).Sum(1) / temperature);
    }

    private static Tensor Normalised(Tensor rows) => rows * (rows.Square().Sum(1, keep: true) + 1e-12).Sqrt().Reciprocal();

    private static unsafe Tensor LogSumExp(Tensor rows)
    {
        long dimension = 1;
        return LogSumExpOperator.Call(rows, OpArgument.Integers(&dimension, 1), false);
    }

    private static readonly TensorOperator LogSumExpOperator = new("aten::logsumexp");
}
