using Pellicle.Tensors;

namespace Pellicle.Nn;

/// <summary>Maxima over square windows.</summary>
/// <param name="window">Side of the window, 1 to 15.</param>
/// <param name="stride">Step.</param>
/// <param name="padding">Minus infinities added on each side; at most half the window.</param>
public sealed class MaxPool2d(int window, int stride, int padding = 0) : Layer
{
    /// <inheritdoc/>
    public override Tensor Reference(Tensor input, ReferencePass pass) => Pool(input);

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor input, ForwardContext context) =>
        WindowOperators.MaxPool(input, Window2d.Square(window, stride, padding));

    private Tensor Pool(Tensor input) => input.MaxPool2d(Window2d.Square(window, stride, padding));
}
