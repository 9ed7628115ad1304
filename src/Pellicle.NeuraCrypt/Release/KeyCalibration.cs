using Pellicle.Core.Random;
using Pellicle.NeuraCrypt.Encoders;
using Pellicle.NeuraCrypt.Keys;
using Pellicle.Tensors;

namespace Pellicle.NeuraCrypt.Release;

/// <summary>Gives a key its frozen statistics: draw images of the owner → measure → seal them into the key file.</summary>
internal static class KeyCalibration
{
    private const int BatchImages = 16;

    /// <summary>Calibrates a key that needs it; others stay as they are.</summary>
    /// <param name="key">Changed in place.</param>
    /// <param name="images">The owner's pictures.</param>
    /// <param name="records">Those that may be used.</param>
    /// <param name="keyFile">Rewritten.</param>
    /// <param name="passphrase">Of the file; null for unsealed keys.</param>
    /// <param name="random">Draws the images.</param>
    public static void Ensure(EncoderKey key, ImageBatches images, IReadOnlyList<int> records, string keyFile, Passphrase? passphrase, ISecureRandom random)
    {
        if (!key.NeedsCalibration)
        {
            return;
        }

        using TensorScope scope = TensorScope.Open();
        int[] chosen = images.FirstReadable(PatchShuffle.Draw(records.Count, random).Select(i => records[i]), EncoderCalibration.ImagesFor(key.Architecture, records.Count));
        key.Freeze(EncoderCalibration.Measure(key.DeriveWeights(), chosen.Chunk(BatchImages).Select(chunk => images.Read(chunk))));
        key.Save(keyFile, passphrase, random);
    }
}
