using Pellicle.Core.Random;
using Pellicle.NeuraCrypt.Encoders;
using Pellicle.Tensors;

namespace Pellicle.NeuraCrypt.Attacks;

/// <summary>Builds an encoder that does what a secret one did to known pictures: draw any encoder → fit its last layer in closed form → refine all layers by Adam.</summary>
/// <remarks>A wide random network with a fitted last layer is already close to the secret one, because both share the kernel of infinite width;
/// the published break trains all layers from a random start (L1, Adam 1e-4, 2,000 steps of 32 images), which the refinement follows.</remarks>
internal static class EncoderClone
{
    private const double LearningRate = 1e-4;
    private const int RowsPerStep = 1024;

    /// <summary>Fits a clone; the caller disposes it.</summary>
    /// <param name="start">A drawn encoder of the family.</param>
    /// <param name="pictures">[n, C, S, S].</param>
    /// <param name="rows">Encodings of the pictures with rows in the order of the patches, [n, P, hidden].</param>
    /// <param name="steps">Of the refinement; 0 leaves it out.</param>
    /// <param name="random">Draws the patches of a step.</param>
    public static TrainableEncoder Fit(PrivateEncoder start, Tensor pictures, Tensor rows, int steps, ISeededRandom random)
    {
        var clone = new TrainableEncoder(start);
        FitLast(clone, pictures, rows);
        if (steps > 0)
        {
            Refine(clone, start.Architecture, pictures, rows, steps, random);
        }

        return clone;
    }

    private static void FitLast(TrainableEncoder clone, Tensor pictures, Tensor rows)
    {
        int hidden = (int)rows.Size(2);
        using var regression = new RidgeRegression((int)clone.Mixer.Weight.Shape[1], hidden);
        for (long first = 0; first < pictures.Size(0); first += AttackGallery.BatchImages)
        {
            using TensorScope scope = TensorScope.Open();
            long count = Math.Min(AttackGallery.BatchImages, pictures.Size(0) - first);
            regression.Add(clone.Features(pictures.Narrow(0, first, count)), rows.Narrow(0, first, count).Reshape(-1, hidden));
        }

        using TensorScope outer = TensorScope.Open();
        (Tensor weight, Tensor bias) = regression.Solve();
        clone.Mixer.Weight.Value.CopyFrom(weight);
        clone.Mixer.Bias!.Value.CopyFrom(bias);
    }

    private static void Refine(TrainableEncoder clone, EncoderArchitecture a, Tensor pictures, Tensor rows, int steps, ISeededRandom random)
    {
        using TensorScope scope = TensorScope.Open();
        Tensor patches = PrivateEncoder.Patches(pictures, a);
        Tensor targets = rows.Reshape(-1, rows.Size(2));
        using var descent = new LossDescent(clone, LearningRate);
        for (int step = 0; step < steps; step++)
        {
            using TensorScope inner = TensorScope.Open();
            long[] chosen = [.. Enumerable.Range(0, RowsPerStep).Select(_ => (long)random.NextInt((int)targets.Size(0)))];
            Tensor index = Tensor.From<long>(chosen, RowsPerStep);
            Tensor x = patches.IndexSelect(0, index);
            Tensor y = targets.IndexSelect(0, index);
            Tensor places = Tensor.From<long>(Array.ConvertAll(chosen, row => row % a.Patches), RowsPerStep);
            descent.Step(pass => (clone.ReferenceRows(x, places, pass) - y).Abs().Mean());
        }
    }
}
