using Pellicle.Core.Random;
using Pellicle.Formats.Onnx;
using Pellicle.Tensors;

namespace Pellicle.Nn;

/// <summary>Zeroes elements with a given probability in training and scales the rest up (Srivastava et al. 2014).</summary>
/// <remarks>The mask of an image depends on the seed, the layer's path and the image's key only: never on the other images of the batch.</remarks>
public sealed class Dropout : Layer
{
    private readonly double _probability;

    /// <summary>Makes the layer.</summary>
    /// <param name="probability">Share of elements dropped, in [0, 1).</param>
    public Dropout(double probability)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(probability);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(probability, 1);
        _probability = probability;
    }

    /// <inheritdoc/>
    public override Tensor Reference(Tensor input, ReferencePass pass)
    {
        ArgumentNullException.ThrowIfNull(pass);
        return Compute(input, pass.Context);
    }

    /// <inheritdoc/>
    /// <remarks>At inference nothing is dropped.</remarks>
    public override OnnxSymbol Export(OnnxGraphBuilder graph, OnnxSymbol input) => input;

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor input, ForwardContext context) =>
        context.IsTraining && _probability > 0 ? input * Mask(input, context).To(input.Type) : input;

    private Tensor Mask(Tensor input, ForwardContext context)
    {
        Tensor mask = Tensor.Empty(DType.Float32, input.Shape);
        Span<float> values = mask.Data<float>();
        int images = (int)input.Size(0);
        int perImage = values.Length / images;
        float kept = (float)(1 / (1 - _probability));
        for (int i = 0; i < images; i++)
        {
            ISeededRandom random = context.RandomOf(this, i);
            foreach (ref float value in values.Slice(i * perImage, perImage))
            {
                value = random.NextDouble() < _probability ? 0 : kept;
            }
        }

        return mask;
    }
}
