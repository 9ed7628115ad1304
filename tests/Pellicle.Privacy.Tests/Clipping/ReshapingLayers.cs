using Pellicle.Nn;
using Pellicle.Tensors;

namespace Pellicle.Privacy.Tests.Clipping;

/// <summary>[N, C, H, W] as sequences [N, C, H W].</summary>
internal sealed class AsSequence : Layer
{
    public override Tensor Reference(Tensor input, ReferencePass pass) => input.Reshape(input.Size(0), input.Size(1), -1);

    protected override Tensor Compute(Tensor input, ForwardContext context) => input.Reshape(input.Size(0), input.Size(1), -1);
}

/// <summary>[N, C, H, W] as volumes of two channels [N, 2, C/2, H, W].</summary>
internal sealed class AsVolume : Layer
{
    public override Tensor Reference(Tensor input, ReferencePass pass) => Volume(input);

    protected override Tensor Compute(Tensor input, ForwardContext context) => Volume(input);

    private static Tensor Volume(Tensor input) => input.Reshape(input.Size(0), 2, input.Size(1) / 2, input.Size(2), input.Size(3));
}

/// <summary>Volumes of one slice as images.</summary>
internal sealed class AsSquare(int side) : Layer
{
    public override Tensor Reference(Tensor input, ReferencePass pass) => input.Reshape(input.Size(0), -1, side, side);

    protected override Tensor Compute(Tensor input, ForwardContext context) => input.Reshape(input.Size(0), -1, side, side);
}

/// <summary>Pixels as whole numbers below a limit [N, C H W].</summary>
internal sealed class AsNumbers(int limit) : Layer
{
    public override Tensor Reference(Tensor input, ReferencePass pass) => Numbers(input);

    protected override Tensor Compute(Tensor input, ForwardContext context) => Numbers(input);

    private Tensor Numbers(Tensor input) => (input.Reshape(input.Size(0), -1).Abs() * 2).Clamp(0, limit - 0.5).To(DType.Int64);
}
