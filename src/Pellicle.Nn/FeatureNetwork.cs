using Pellicle.Formats.Onnx;
using Pellicle.Tensors;

namespace Pellicle.Nn;

/// <summary>A network in two parts: features of an image, then a classifier on them. Where only the classifier is trained, the features of an image need to be computed once.</summary>
public abstract class FeatureNetwork : Layer
{
    /// <summary>The part that turns features into logits.</summary>
    public abstract Layer Classifier { get; }

    /// <summary>True if the features depend on the image alone: nothing of the first part is trained, drops out, or looks at other images.</summary>
    public bool HasFixedFeatures => Tree().Except(Classifier.Tree())
        .All(layer => !layer.IsTrainable && layer is not Dropout && !layer.MixesExamples(true));

    /// <summary>The features of images, as the classifier takes them.</summary>
    /// <param name="images">[N, C, S, S].</param>
    /// <param name="context">Mode, tape and randomness of this pass.</param>
    /// <returns>[N, ...], in the caller's scope.</returns>
    public abstract Tensor Features(Tensor images, ForwardContext context);

    /// <inheritdoc/>
    public sealed override Tensor Reference(Tensor input, ReferencePass pass) => Classifier.Reference(ReferenceFeatures(input, pass), pass);

    /// <inheritdoc/>
    public sealed override OnnxSymbol Export(OnnxGraphBuilder graph, OnnxSymbol input) => Classifier.Export(graph, ExportFeatures(graph, input));

    /// <summary>The features by ordinary operators, as <see cref="Layer.Reference"/>.</summary>
    /// <param name="images">[N, C, S, S], float32 or float64.</param>
    /// <param name="pass">Gives the values of parameters.</param>
    protected abstract Tensor ReferenceFeatures(Tensor images, ReferencePass pass);

    /// <summary>The features as operators of ONNX, as <see cref="Layer.Export"/>.</summary>
    /// <param name="graph">The graph under construction.</param>
    /// <param name="images">The value that goes in.</param>
    protected abstract OnnxSymbol ExportFeatures(OnnxGraphBuilder graph, OnnxSymbol images);

    /// <inheritdoc/>
    protected sealed override Tensor Compute(Tensor input, ForwardContext context) => Classifier.Forward(Features(input, context), context);
}
