using Pellicle.Core.Errors;
using Pellicle.Nn;
using Pellicle.Tensors;

namespace Pellicle.Privacy.Validation;

/// <summary>Checks before the first step that the influence of a unit on a network's gradients can be bounded, and lists everything that stands against it.</summary>
public static class PrivacyValidator
{
    /// <summary>All problems of a network.</summary>
    /// <param name="model">The network as it will be trained, frozen parts marked.</param>
    /// <param name="imageShape">[C, H, W] of one image: the network runs once on zeros, to see which parameters are covered.</param>
    /// <returns>Empty if it can be trained with privacy.</returns>
    public static IReadOnlyList<Problem> Problems(Layer model, ReadOnlySpan<long> imageShape)
    {
        ArgumentNullException.ThrowIfNull(model);
        var problems = new List<Problem>();
        foreach (Layer layer in model.Tree())
        {
            if (layer.MixesExamples(isTraining: true))
            {
                problems.Add(Mixing(layer));
            }

            if (layer.ReusedAt.Count > 0 && layer.Tree().Any(inner => inner.IsTrainable))
            {
                problems.Add(Reused(layer));
            }
        }

        if (model.TrainableParameters().Count == 0)
        {
            problems.Add(new Problem("model", "no parameter is trainable. Expected at least one.", "Freeze less (--freeze)."));
        }

        // The forward pass itself refuses reused layers one by one; with those listed above it would only repeat them.
        if (problems.Count == 0)
        {
            AddUncovered(model, imageShape, problems);
        }

        return problems;
    }

    /// <summary>Stops with all problems at once, if there are any.</summary>
    /// <param name="model">The network as it will be trained.</param>
    /// <param name="imageShape">[C, H, W] of one image.</param>
    /// <exception cref="UnsupportedLayerException">Carries every problem.</exception>
    public static void Require(Layer model, ReadOnlySpan<long> imageShape) => Throw(Problems(model, imageShape));

    /// <summary>Stops if a layer lets the images of a batch see each other, naming all such layers.</summary>
    /// <param name="model">The network as it will be trained.</param>
    /// <exception cref="UnsupportedLayerException">There is such a layer.</exception>
    internal static void RequireSeparateExamples(Layer model) =>
        Throw([.. model.Tree().Where(layer => layer.MixesExamples(isTraining: true)).Select(Mixing)]);

    private static void Throw(IReadOnlyList<Problem> problems)
    {
        if (problems.Count > 0)
        {
            string message = problems.Count == 1
                ? problems[0].Message
                : $"{problems.Count} layers stand against private training: {string.Join("; ", problems.Select(problem => problem.Message))}";
            throw new UnsupportedLayerException(message, problems[0].Hint, problems);
        }
    }

    private static Problem Mixing(Layer layer) => new(
        layer.DisplayName,
        $"layer '{layer.DisplayName}' is {layer.Kind}: it mixes examples, so per-example clipping does not bound its influence.",
        $"Replace it with GroupNorm (--replace-batch-norm group), or keep its stored statistics fixed: for all such layers by --replace-batch-norm fixed, for this one by --freeze {layer.Path}.");

    private static Problem Reused(Layer layer) => new(
        layer.DisplayName,
        $"layer '{layer.DisplayName}' ({layer.Kind}) is used again at '{string.Join("', '", layer.ReusedAt)}': the gradients of all uses would have to be added before the norm is taken.",
        $"Give each place its own layer, or freeze it (--freeze {layer.Path}).");

    private static void AddUncovered(Layer model, ReadOnlySpan<long> imageShape, List<Problem> problems)
    {
        using TensorScope scope = TensorScope.Open();
        using var tape = new GradientTape();
        try
        {
            using var recording = GradientMode.Recording();
            model.Forward(Tensor.Zeros([1, .. imageShape]), ForwardContext.Training(tape, new Core.Random.SeededRandom(0)));
            tape.RequireCoverage(model);
        }
        catch (UnsupportedLayerException e)
        {
            problems.AddRange(e.Problems);
        }
    }
}
