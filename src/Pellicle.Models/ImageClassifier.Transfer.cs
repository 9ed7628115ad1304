using Pellicle.Core.Errors;
using Pellicle.Core.Random;
using Pellicle.Nn;

namespace Pellicle.Models;

/// <content>Transfer: which part of a network is trained.</content>
public sealed partial class ImageClassifier
{
    /// <summary>The last linear layer, which gives the logits.</summary>
    public Linear Head => Root.Tree().OfType<Linear>().Last();

    /// <summary>Trains one part and freezes the rest. The head is always trained: it belongs to the classes of the task.</summary>
    /// <param name="part">Which part.</param>
    /// <param name="loraRank">Rank of the low-rank pairs, at least 1; used with <see cref="TrainedPart.Lora"/> only.</param>
    /// <param name="init">Source of initial values of the pairs.</param>
    /// <exception cref="UsageException">Low-rank pairs are asked for, but there is no linear layer besides the head, or the rank is larger than one.</exception>
    public void TrainOnly(TrainedPart part, int loraRank, ISeededRandom init)
    {
        if (part == TrainedPart.All)
        {
            return;
        }

        HashSet<Parameter> trained = [.. Head.OwnParameters];
        if (part == TrainedPart.Lora)
        {
            trained.UnionWith(AttachAdapters(loraRank, init));
        }
        else if (part == TrainedPart.Bias)
        {
            trained.UnionWith(Parameters.Where(parameter => !parameter.IsStatistic && parameter.Name.EndsWith(".bias", StringComparison.Ordinal)));
        }

        foreach (Parameter parameter in Parameters.Where(parameter => !parameter.IsStatistic))
        {
            parameter.IsTrainable = trained.Contains(parameter);
        }
    }

    /// <summary>Adds all low-rank pairs to the weights beside them, and removes them: the same function, in the form that <see cref="Spec"/> describes.</summary>
    public void MergeAdapters()
    {
        foreach (Linear linear in Root.Tree().OfType<Linear>().ToArray())
        {
            linear.MergeAdapter();
        }
    }

    private List<Parameter> AttachAdapters(int rank, ISeededRandom init)
    {
        Linear[] layers = [.. Root.Tree().OfType<Linear>().Where(linear => linear != Head)];
        if (layers.Length == 0)
        {
            throw new UsageException(
                $"--train-only lora needs linear layers below the head, and {Spec.Name} has none.",
                "Use a vision transformer (--model vit_tiny), or --train-only head or bias.");
        }

        long largest = layers.Min(linear => Math.Min(linear.Weight.Shape[0], linear.Weight.Shape[1]));
        if (rank > largest)
        {
            throw new UsageException($"--lora-rank is {rank}; the narrowest linear layer of {Spec.Name} allows at most {largest}.", "Use a rank of 4 to 16.");
        }

        var parameters = new List<Parameter>();
        foreach (Linear linear in layers)
        {
            linear.Attach(rank, init.Derive(linear.Path));
            parameters.AddRange(linear.Adapter!.Parameters());
        }

        return parameters;
    }
}
