using System.Numerics;

namespace Pellicle.Nn.Optimizers;

/// <summary>Adam (Kingma and Ba 2015, alg. 1, in torch's form) and AdamW (Loshchilov and Hutter 2019, alg. 2).</summary>
/// <remarks>m ← β₁m + (1−β₁)g, v ← β₂v + (1−β₂)g², θ ← θ − η/(1−β₁ᵗ) · m / (√v/√(1−β₂ᵗ) + ε).</remarks>
internal sealed class AdamOptimizer(OptimizerOptions options) : Optimizer(options)
{
    private protected override IReadOnlyList<string> Slots { get; } = ["exp_avg", "exp_avg_sq"];

    private protected override void Update(Span<float> values, ReadOnlySpan<float> gradients, Span<float> first, Span<float> second, double learningRate)
    {
        bool decoupled = Options.Kind == OptimizerKind.AdamW;
        float shrink = decoupled ? (float)(1 - (learningRate * Options.WeightDecay)) : 1;
        float decay = decoupled ? 0 : (float)Options.WeightDecay;
        float beta1 = (float)Options.Beta1;
        float beta2 = (float)Options.Beta2;
        float rest1 = (float)(1 - Options.Beta1);
        float rest2 = (float)(1 - Options.Beta2);
        float rate = (float)(learningRate / (1 - Math.Pow(Options.Beta1, StepCount)));
        float inverseCorrection = (float)(1 / Math.Sqrt(1 - Math.Pow(Options.Beta2, StepCount)));
        float epsilon = (float)(Options.Epsilon ?? 1e-8);
        int i = 0;
        for (; i <= values.Length - Vector<float>.Count; i += Vector<float>.Count)
        {
            Vector<float> value = new Vector<float>(values[i..]) * shrink;
            Vector<float> gradient = new Vector<float>(gradients[i..]) + (value * decay);
            Vector<float> m = (new Vector<float>(first[i..]) * beta1) + (gradient * rest1);
            Vector<float> v = (new Vector<float>(second[i..]) * beta2) + (gradient * gradient * rest2);
            m.CopyTo(first[i..]);
            v.CopyTo(second[i..]);
            Vector<float> denominator = (Vector.SquareRoot(v) * inverseCorrection) + new Vector<float>(epsilon);
            (value - (m * rate / denominator)).CopyTo(values[i..]);
        }

        for (; i < values.Length; i++)
        {
            float value = values[i] * shrink;
            float gradient = gradients[i] + (value * decay);
            first[i] = (first[i] * beta1) + (gradient * rest1);
            second[i] = (second[i] * beta2) + (gradient * gradient * rest2);
            values[i] = value - (first[i] * rate / ((MathF.Sqrt(second[i]) * inverseCorrection) + epsilon));
        }
    }
}
