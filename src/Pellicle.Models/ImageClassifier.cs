using Pellicle.Nn;
using Pellicle.Tensors;

namespace Pellicle.Models;

/// <summary>A network with the record of how it was built: images [N, C, S, S] or encodings [N, P, D] in, logits [N, K] out.</summary>
public sealed partial class ImageClassifier : IDisposable
{
    /// <summary>Joins a network and its description.</summary>
    /// <param name="spec">How to build it again.</param>
    /// <param name="root">The network; disposed with this object.</param>
    public ImageClassifier(ModelSpec spec, Layer root)
    {
        Spec = spec;
        Root = root;
    }

    /// <summary>How to build it again.</summary>
    public ModelSpec Spec { get; }

    /// <summary>The network.</summary>
    public Layer Root { get; }

    /// <summary>All parameters, statistics included, in order of registration.</summary>
    public IReadOnlyList<Parameter> Parameters => Root.Parameters();

    /// <summary>Number of values in all parameters, statistics left out.</summary>
    public long ParameterCount => Parameters.Where(parameter => !parameter.IsStatistic).Sum(parameter => parameter.Count);

    /// <summary>Number of values that training changes.</summary>
    public long TrainableParameterCount => Root.TrainableParameters().Sum(parameter => parameter.Count);

    /// <summary>Runs the network.</summary>
    /// <param name="images">[N, C, S, S], or what <see cref="ModelSpec.InputShape"/> says, float32.</param>
    /// <param name="context">Mode, tape and randomness.</param>
    /// <returns>Logits [N, K].</returns>
    /// <exception cref="ArgumentException">The images have another shape.</exception>
    public Tensor Forward(Tensor images, ForwardContext context)
    {
        ArgumentNullException.ThrowIfNull(images);
        long[] shape = images.Shape;
        if (!shape.Skip(1).SequenceEqual(Spec.InputShape))
        {
            throw new ArgumentException($"Images have shape [{string.Join(", ", shape)}]; {Spec.Name} expects [N, {string.Join(", ", Spec.InputShape)}].", nameof(images));
        }

        return Root.Forward(images, context);
    }

    /// <summary>Frees the parameters.</summary>
    public void Dispose() => Root.Dispose();
}
