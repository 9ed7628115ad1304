using Pellicle.Tensors;

namespace Pellicle.Nn;

/// <summary>Gradient of weights before standardisation: that of the effective weights ŵ, unit by unit, then the Jacobian of the standardisation.</summary>
/// <remarks>With ŵ = (w − mean w)/s over the n weights of an output channel and g the gradient of ŵ, the gradient of w is
/// (g − mean g − ŵ · mean(g ∘ ŵ)) / s. It is linear in g, so a weighted sum needs it once; a norm needs it for every unit.</remarks>
internal sealed class StandardizedWeightGradient(WeightGradient effectiveGradient, Tensor effective, Tensor inverseDeviation)
    : WeightGradient(effectiveGradient.Weight, effectiveGradient.Bias, effectiveGradient.Inputs, effectiveGradient.Gradients)
{
    // Norms alone are taken from gradients of a few units at a time.
    private const long PartBytes = 32L << 20;

    public override (Tensor Squared, Tensor Spread) GramNorms(ImageGroups groups) =>
        throw new NotSupportedException($"'{Weight.Name}' is standardised: its norms need the gradient of each unit (RecordShape.PerSampleOnly).");

    public override (Tensor Squared, Tensor? Weights, Tensor? Biases) PerGroup(ImageGroups groups, bool keep)
    {
        if (keep)
        {
            (_, Tensor? weights, Tensor? biases) = effectiveGradient.PerGroup(groups, true);
            Tensor own = ThroughStandardization(weights!);
            return (Squared(own, biases), own, biases);
        }

        int unitsAtOnce = (int)Math.Clamp(PartBytes / (sizeof(float) * Weight.Count), 1, Math.Max(1, groups.Count));
        double[] squared = new double[groups.Count];
        for (int first = 0; first < groups.Count; first += unitsAtOnce)
        {
            using TensorScope scope = TensorScope.Open();
            int count = Math.Min(unitsAtOnce, groups.Count - first);
            int begin = groups.Begin(first);
            int images = groups.Begin(first + count) - begin;
            var part = new ImageGroups([.. Enumerable.Range(first, count).Select(groups.SizeOf)]);
            var rows = (StandardizedWeightGradient)OnRows(Inputs.Narrow(0, begin, images), Gradients.Narrow(0, begin, images));
            rows.PerGroup(part, true).Squared.Data<double>().CopyTo(squared.AsSpan(first));
        }

        return (Tensor.From<double>(squared, squared.Length), null, null);
    }

    public override (Tensor Weight, Tensor? Bias) WeightedSum(Tensor factors, ImageGroups groups)
    {
        (Tensor weight, Tensor? bias) = effectiveGradient.WeightedSum(factors, groups);
        return (ThroughStandardization(weight.Reshape([1, .. Weight.Shape])), bias);
    }

    public override WeightGradient OnRows(Tensor inputs, Tensor gradients) =>
        new StandardizedWeightGradient(effectiveGradient.OnRows(inputs, gradients), effective, inverseDeviation);

    private static Tensor Squared(Tensor weights, Tensor? biases)
    {
        Tensor squared = PellicleOperators.SquaredRowNorms.Call(weights);
        return biases is null ? squared : squared + PellicleOperators.SquaredRowNorms.Call(biases);
    }

    // [U, K, ...], the gradients of ŵ, to those of w.
    private Tensor ThroughStandardization(Tensor gradients)
    {
        long outputs = Weight.Shape[0];
        Tensor g = gradients.Reshape(gradients.Size(0), outputs, -1);
        Tensor standardized = effective.Reshape(outputs, -1);
        Tensor own = (g - g.Mean(2, true) - (standardized * (g * standardized).Mean(2, true))) * inverseDeviation.Reshape(outputs, 1);
        return own.Reshape(gradients.Shape);
    }
}
