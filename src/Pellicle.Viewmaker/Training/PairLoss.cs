using Pellicle.Nn.Losses;
using Pellicle.Tensors;

namespace Pellicle.Viewmaker.Training;

/// <summary>SimCLR's loss of a batch whose second half shows the same subjects as its first.</summary>
/// <remarks>A picture's value depends on the whole batch: fine for ordinary training, which is all that these networks get.</remarks>
/// <param name="isParity">The reference's form.</param>
internal sealed class PairLoss(bool isParity) : IPerImageLoss
{
    public const double Temperature = 0.07;

    public Tensor PerImage(Tensor logits, Tensor labels)
    {
        long half = logits.Size(0) / 2;
        Tensor loss = Objectives.SimClr(logits.Narrow(0, 0, half), logits.Narrow(0, half, half), Temperature, isParity);
        return Tensor.Concatenate(0, loss, loss) * 0.5;
    }
}
