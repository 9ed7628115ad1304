using System.Numerics;

namespace Pellicle.Nn.Optimizers;

/// <summary>RMSProp (Tieleman and Hinton 2012, torch's form): s ← αs + (1−α)g², d = g/(√s + ε), with momentum b ← μb + d and d = b; θ ← θ − ηd.</summary>
internal sealed class RmsPropOptimizer(OptimizerOptions options) : Optimizer(options)
{
    private protected override IReadOnlyList<string> Slots { get; } = options.Momentum == 0 ? ["square_avg"] : ["square_avg", "momentum_buffer"];

    private protected override void Update(Span<float> values, ReadOnlySpan<float> gradients, Span<float> first, Span<float> second, double learningRate)
    {
        float rate = (float)learningRate;
        float decay = (float)Options.WeightDecay;
        float smoothing = (float)Options.Smoothing;
        float rest = (float)(1 - Options.Smoothing);
        float momentum = (float)Options.Momentum;
        float epsilon = (float)(Options.Epsilon ?? 1e-8);
        int i = 0;
        for (; i <= values.Length - Vector<float>.Count; i += Vector<float>.Count)
        {
            var value = new Vector<float>(values[i..]);
            Vector<float> gradient = new Vector<float>(gradients[i..]) + (value * decay);
            Vector<float> square = (new Vector<float>(first[i..]) * smoothing) + (gradient * gradient * rest);
            square.CopyTo(first[i..]);
            Vector<float> direction = gradient / (Vector.SquareRoot(square) + new Vector<float>(epsilon));
            if (momentum != 0)
            {
                direction += new Vector<float>(second[i..]) * momentum;
                direction.CopyTo(second[i..]);
            }

            (value - (direction * rate)).CopyTo(values[i..]);
        }

        for (; i < values.Length; i++)
        {
            float gradient = gradients[i] + (values[i] * decay);
            first[i] = (first[i] * smoothing) + (gradient * gradient * rest);
            float direction = gradient / (MathF.Sqrt(first[i]) + epsilon);
            if (momentum != 0)
            {
                direction += second[i] * momentum;
                second[i] = direction;
            }

            values[i] -= direction * rate;
        }
    }
}
