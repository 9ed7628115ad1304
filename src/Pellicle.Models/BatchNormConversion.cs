using Pellicle.Core.Errors;
using Pellicle.Core.Random;
using Pellicle.Nn;

namespace Pellicle.Models;

/// <summary>Turns a network with batch normalisation into the same one with group normalisation, starting close to what the former computes in evaluation.</summary>
/// <remarks>
/// Per channel, evaluation computes γ (x − μ)/s + β with the running mean μ and s = √(running variance + ε). The conversion does two things.
/// (1) The weights of the convolution before it are divided by s, channel by channel, so that no channel outweighs its group; channel means
/// become μ/s. (2) If the channels of an image have the running statistics, a group then has mean m = mean of μ/s and variance
/// v = mean of (σ²/s² + (μ/s)²) − m², and group normalisation gives x̂ = (x/s − m)/√(v + ε). With scale γ √(v + ε) and shift
/// β + γ (m − μ/s) the result is γ (x − μ)/s + β again. So the two networks agree exactly on an image whose channels have the
/// running statistics, and differ by as much as the statistics of its groups differ from them. All layers keep their names and shapes.
/// </remarks>
public static class BatchNormConversion
{
    private static readonly Dictionary<string, string> Counterparts = new() { ["resnet18"] = "resnet18_gn" };

    /// <summary>Makes the converted network; the source is left as it is.</summary>
    /// <param name="source">A network with batch normalisation, its weights loaded.</param>
    /// <returns>A new network; its spec names the counterpart with group normalisation.</returns>
    /// <exception cref="UsageException">The network has no counterpart.</exception>
    public static ImageClassifier ToGroupNorm(ImageClassifier source)
    {
        ArgumentNullException.ThrowIfNull(source);
        if (!Counterparts.TryGetValue(source.Spec.Name, out string? name))
        {
            throw new UsageException($"{source.Spec.Name} has no counterpart with group normalisation.", $"Convert {string.Join(" or ", Counterparts.Keys)}, or leave --replace-batch-norm out.");
        }

        ImageClassifier target = ModelCatalog.Create(source.Spec with { Name = name }, new SeededRandom(0));
        Dictionary<string, Parameter> values = source.Parameters.ToDictionary(parameter => parameter.Name);
        foreach (Parameter parameter in target.Parameters)
        {
            parameter.Value.CopyFrom(values[parameter.Name].Value);
        }

        Dictionary<string, Layer> layers = target.Root.Tree().ToDictionary(layer => layer.Path);
        foreach (Layer parent in source.Root.Tree())
        {
            for (int i = 1; i < parent.Children.Count; i++)
            {
                if (parent.Children[i] is BatchNorm2d norm)
                {
                    Fold(norm, (Conv2d)layers[parent.Children[i - 1].Path], (GroupNorm)layers[norm.Path]);
                }
            }
        }

        return target;
    }

    private static void Fold(BatchNorm2d norm, Conv2d convolution, GroupNorm target)
    {
        ReadOnlySpan<float> mean = norm.RunningMean.Value.Data<float>();
        ReadOnlySpan<float> variance = norm.RunningVariance.Value.Data<float>();
        ReadOnlySpan<float> scale = norm.Weight.Value.Data<float>();
        ReadOnlySpan<float> shift = norm.Bias.Value.Data<float>();
        Span<float> weights = convolution.Weight.Value.Data<float>();
        int perChannel = weights.Length / mean.Length;
        int perGroup = mean.Length / target.Groups;
        for (int first = 0; first < mean.Length; first += perGroup)
        {
            double groupMean = 0;
            double groupSquare = 0;
            for (int c = first; c < first + perGroup; c++)
            {
                double s = Math.Sqrt(variance[c] + norm.Epsilon);
                groupMean += mean[c] / s / perGroup;
                groupSquare += ((variance[c] / (s * s)) + (mean[c] / s * (mean[c] / s))) / perGroup;
            }

            double deviation = Math.Sqrt(Math.Max(0, groupSquare - (groupMean * groupMean)) + target.Epsilon);
            for (int c = first; c < first + perGroup; c++)
            {
                double s = Math.Sqrt(variance[c] + norm.Epsilon);
                foreach (ref float weight in weights.Slice(c * perChannel, perChannel))
                {
                    weight = (float)(weight / s);
                }

                target.Weight.Value.Data<float>()[c] = (float)(scale[c] * deviation);
                target.Bias.Value.Data<float>()[c] = (float)(shift[c] + (scale[c] * (groupMean - (mean[c] / s))));
            }
        }
    }
}
