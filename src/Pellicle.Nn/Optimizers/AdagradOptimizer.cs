using System.Numerics;

namespace Pellicle.Nn.Optimizers;

/// <summary>Adagrad (Duchi et al. 2011): s ← s + g², θ ← θ − η g/(√s + ε).</summary>
internal sealed class AdagradOptimizer(OptimizerOptions options) : Optimizer(options)
{
    private protected override IReadOnlyList<string> Slots { get; } = ["sum"];

    private protected override void Update(Span<float> values, ReadOnlySpan<float> gradients, Span<float> first, Span<float> second, double learningRate)
    {
        float rate = (float)learningRate;
        float decay = (float)Options.WeightDecay;
        float epsilon = (float)(Options.Epsilon ?? 1e-10);
        int i = 0;
        for (; i <= values.Length - Vector<float>.Count; i += Vector<float>.Count)
        {
            var value = new Vector<float>(values[i..]);
            Vector<float> gradient = new Vector<float>(gradients[i..]) + (value * decay);
            Vector<float> sum = new Vector<float>(first[i..]) + (gradient * gradient);
            sum.CopyTo(first[i..]);
            (value - (gradient * rate / (Vector.SquareRoot(sum) + new Vector<float>(epsilon)))).CopyTo(values[i..]);
        }

        for (; i < values.Length; i++)
        {
            float gradient = gradients[i] + (values[i] * decay);
            first[i] += gradient * gradient;
            values[i] -= gradient * rate / (MathF.Sqrt(first[i]) + epsilon);
        }
    }
}
