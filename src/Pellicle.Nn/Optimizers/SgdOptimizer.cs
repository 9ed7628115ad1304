using System.Numerics;

namespace Pellicle.Nn.Optimizers;

/// <summary>θ ← θ − η d with d = g + λθ; with momentum b ← μ b + d and d = b, or d + μ b with Nesterov (torch's form, first b = d).</summary>
internal sealed class SgdOptimizer(OptimizerOptions options) : Optimizer(options)
{
    private protected override IReadOnlyList<string> Slots { get; } = options.Momentum == 0 ? [] : ["momentum_buffer"];

    private protected override void Update(Span<float> values, ReadOnlySpan<float> gradients, Span<float> first, Span<float> second, double learningRate)
    {
        float rate = (float)learningRate;
        float decay = (float)Options.WeightDecay;
        float momentum = (float)Options.Momentum;
        bool nesterov = Options.Nesterov;
        int i = 0;
        for (; i <= values.Length - Vector<float>.Count; i += Vector<float>.Count)
        {
            var value = new Vector<float>(values[i..]);
            Vector<float> direction = new Vector<float>(gradients[i..]) + (value * decay);
            if (momentum != 0)
            {
                Vector<float> buffer = (new Vector<float>(first[i..]) * momentum) + direction;
                buffer.CopyTo(first[i..]);
                direction = nesterov ? direction + (buffer * momentum) : buffer;
            }

            (value - (direction * rate)).CopyTo(values[i..]);
        }

        for (; i < values.Length; i++)
        {
            float direction = gradients[i] + (values[i] * decay);
            if (momentum != 0)
            {
                first[i] = (first[i] * momentum) + direction;
                direction = nesterov ? direction + (first[i] * momentum) : first[i];
            }

            values[i] -= direction * rate;
        }
    }
}
