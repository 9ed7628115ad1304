using Pellicle.Core.Random;
using Pellicle.Nn;
using Pellicle.Tensors;

namespace Pellicle.Viewmaker.Generators;

/// <summary>A network that turns an image and noise planes into a raw perturbation: what the families of generators share.</summary>
internal abstract class PerturbationNetwork : Layer
{
    /// <summary>Height and width must be multiples of this; the generator pads.</summary>
    public const int Multiple = 4;

    /// <summary>Sizes of the noise planes for an image of this size.</summary>
    /// <param name="height">H, a multiple of <see cref="Multiple"/>.</param>
    /// <param name="width">W, a multiple of <see cref="Multiple"/>.</param>
    public abstract IReadOnlyList<(long Height, long Width)> NoiseSizes(long height, long width);

    /// <summary>The raw output.</summary>
    /// <param name="images">[B, C, H, W].</param>
    /// <param name="noise">One plane [B, 1, h, w] for each of <see cref="NoiseSizes"/>, uniform in [0, 1).</param>
    /// <param name="call">How layers run.</param>
    public abstract Tensor Run(Tensor images, IReadOnlyList<Tensor> noise, LayerCall call);

    /// <inheritdoc/>
    public override Tensor Reference(Tensor input, ReferencePass pass) => Run(input, Planes(input, pass.Context), (layer, x) => layer.Reference(x, pass));

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor input, ForwardContext context) => Run(input, Planes(input, context), (layer, x) => layer.Forward(x, context));

    private Tensor[] Planes(Tensor images, ForwardContext context)
    {
        int batch = (int)images.Size(0);
        ISeededRandom[] sources = [.. Enumerable.Range(0, batch).Select(i => context.RandomOf(this, i))];
        return NoisePlanes.Of(NoiseSizes(images.Size(2), images.Size(3)), batch, (i, values) =>
        {
            foreach (ref float value in values)
            {
                value = (float)sources[i].NextDouble();
            }
        });
    }
}
