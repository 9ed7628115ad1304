using Pellicle.Core.Errors;

namespace Pellicle.Mpc.Compiler;

/// <summary>Layers in an order in which they can run; the last one gives the logits.</summary>
/// <remarks>One image at a time: values are [channel][row][column].</remarks>
public sealed record Network
{
    /// <summary>Checks that every layer gets what it expects.</summary>
    /// <param name="inputCount">Elements of the image.</param>
    /// <param name="layers">At least one.</param>
    /// <exception cref="DataFormatException">A layer reads a later one, or one of another size.</exception>
    public Network(int inputCount, IReadOnlyList<NetworkLayer> layers)
    {
        ArgumentNullException.ThrowIfNull(layers);
        ArgumentOutOfRangeException.ThrowIfZero(layers.Count, nameof(layers));
        for (int i = 0; i < layers.Count; i++)
        {
            foreach (int source in layers[i].Inputs)
            {
                int found = source < -1 || source >= i ? -1 : source == -1 ? inputCount : layers[source].OutputCount;
                if (found != layers[i].InputCount)
                {
                    throw new DataFormatException($"layer '{layers[i].Name}' ({layers[i].OperatorName}) gets {found} values; expected {layers[i].InputCount}.", "Export the model again, for this image size.");
                }
            }
        }

        InputCount = inputCount;
        Layers = layers;
    }

    /// <summary>Elements of the image.</summary>
    public int InputCount { get; }

    /// <summary>In order.</summary>
    public IReadOnlyList<NetworkLayer> Layers { get; }

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
