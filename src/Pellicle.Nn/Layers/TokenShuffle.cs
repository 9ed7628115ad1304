using Pellicle.Core.Random;
using Pellicle.Tensors;

namespace Pellicle.Nn;

/// <summary>Puts the tokens of each image into a random order while training. At evaluation they stay: where positions matter, nothing was learned from them.</summary>
/// <remarks>For comparisons only. The order comes from the seeded generator of training; the shuffle of a release comes from the system's.</remarks>
public sealed class TokenShuffle : Layer
{
    /// <inheritdoc/>
    public override Tensor Reference(Tensor input, ReferencePass pass)
    {
        ArgumentNullException.ThrowIfNull(pass);
        return Compute(input, pass.Context);
    }

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor input, ForwardContext context) => context.IsTraining && context.Random is not null
        ? Tensor.Stack(0, [.. Enumerable.Range(0, (int)input.Size(0)).Select(i => input.Select(0, i).IndexSelect(0, Order((int)input.Size(1), context.RandomOf(this, i))))])
        : input;

    private static Tensor Order(int tokens, ISeededRandom random)
    {
        long[] order = [.. Enumerable.Range(0, tokens).Select(i => (long)i)];
        random.Shuffle<long>(order);
        return Tensor.From<long>(order, tokens);
    }
}
