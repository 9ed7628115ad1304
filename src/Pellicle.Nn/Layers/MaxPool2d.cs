using Pellicle.Tensors;

namespace Pellicle.Nn;

/// <summary>Maxima over square windows.</summary>
/// <param name="window">Side of the window, 1 to 15.</param>
/// <param name="stride">Step.</param>
/// <param name="padding">Minus infinities added on each side; at most half the window.</param>
public sealed unsafe class MaxPool2d(int window, int stride, int padding = 0) : Layer
{
    /// <inheritdoc/>
    public override Tensor Reference(Tensor input, ReferencePass pass) => Pool(input);

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor input, ForwardContext context) =>
        padding == 0 ? PellicleOperators.MaxPool.Call(input, window, stride) : Pool(input);

    private Tensor Pool(Tensor input)
    {
        long* k = stackalloc long[2] { window, window };
        long* s = stackalloc long[2] { stride, stride };
        long* p = stackalloc long[2] { padding, padding };
        return AtenOperators.MaxPool2d.Call(input, OpArgument.Integers(k, 2), OpArgument.Integers(s, 2), OpArgument.Integers(p, 2));
    }
}
