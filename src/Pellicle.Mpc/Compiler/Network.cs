using Pellicle.Core.Errors;
using Pellicle.Mpc.Compiler.Layers;

namespace Pellicle.Mpc.Compiler;

/// <summary>Layers in an order in which they can run; the last one gives the logits.</summary>
/// <remarks>Values are [channel][row][column][image], images innermost; a network is made for one image and may be repeated for several at once.</remarks>
public sealed record Network
{
    /// <summary>Checks that every layer gets what it expects.</summary>
    /// <param name="inputCount">Elements of the image, or of all images.</param>
    /// <param name="layers">At least one.</param>
    /// <exception cref="DataFormatException">A layer reads a later one, or one of another size.</exception>
    public Network(int inputCount, IReadOnlyList<NetworkLayer> layers)
    {
        ArgumentNullException.ThrowIfNull(layers);
        ArgumentOutOfRangeException.ThrowIfZero(layers.Count, nameof(layers));
        for (int i = 0; i < layers.Count; i++)
        {
            for (int k = 0; k < layers[i].Inputs.Count; k++)
            {
                int source = layers[i].Inputs[k], expected = layers[i].CountOf(k);
                int found = source < -1 || source >= i ? -1 : source == -1 ? inputCount : layers[source].OutputCount;
                if (found != expected)
                {
                    throw new DataFormatException($"layer '{layers[i].Name}' ({layers[i].OperatorName}) gets {found} values; expected {expected}.", "Export the model again, for this image size.");
                }
            }
        }

        InputCount = inputCount;
        Layers = layers;
    }

    /// <summary>Elements of the image, or of all images.</summary>
    public int InputCount { get; }

    /// <summary>In order.</summary>
    public IReadOnlyList<NetworkLayer> Layers { get; }

    /// <summary>The same network with the place of the largest logit as its only result.</summary>
    public Network WithArgMax() => new(InputCount, [.. Layers, new ArgMaxLayer("class", Layers.Count - 1, Layers[^1].OutputCount)]);

    /// <summary>The same network for several images at once.</summary>
    /// <param name="images">At least 1; this network must be for one.</param>
    public Network ForImages(int images)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(images, 1);
        return images == 1 ? this : new Network(checked(InputCount * images), [.. Layers.Select(layer => layer.ForImages(images))]);
    }

    /// <summary>Runs in the clear.</summary>
    /// <param name="image">[C, H, W], normalised.</param>
    /// <returns>The result of every layer.</returns>
    public double[][] Compute(ReadOnlySpan<float> image)
    {
        double[] input = new double[image.Length];
        for (int i = 0; i < input.Length; i++)
        {
            input[i] = image[i];
        }

        var results = new double[Layers.Count][];
        for (int i = 0; i < results.Length; i++)
        {
            results[i] = Layers[i].Compute([.. Layers[i].Inputs.Select(source => source < 0 ? input : results[source])]);
        }

        return results;
    }
}
