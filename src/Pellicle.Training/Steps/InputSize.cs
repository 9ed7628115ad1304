namespace Pellicle.Training.Steps;

/// <summary>Side of a model's input when the user names none: the network's usual one, or less if the pictures are smaller.</summary>
internal static class InputSize
{
    public static int For(string model, int shorterSide)
    {
        if (model == "cnn_mnist")
        {
            return 28; // its last layer is made for this size
        }

        if (model.StartsWith("vit_", StringComparison.Ordinal))
        {
            return shorterSide >= 224 ? 224 : Math.Max(16, shorterSide / 16 * 16);
        }

        int usual = model is "cnn_small" or "scatter_linear" or "scatter_cnn" or "texture_linear" ? 64 : model is "skin_fast" or "skin_vgg" ? 200 : 224;
        return Math.Clamp(shorterSide, 8, usual);
    }
}
