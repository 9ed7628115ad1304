using Pellicle.Core.Files;
using Pellicle.Data;
using Pellicle.Native;
using Pellicle.Viewmaker.Release;
using Pellicle.Viewmaker.Release.Dicom;
using Pellicle.Viewmaker.Subjects;

namespace Pellicle.Viewmaker.Evaluation;

/// <summary>Releases pictures the way <c>apply</c> does: each original at its own size becomes a file, the file is read back, and what was read is brought to the attackers' size.</summary>
/// <param name="data">Originals.</param>
/// <param name="folder">Folder of the files; kept, so that other tools can attack them.</param>
internal sealed class ReleasedPictures(SubjectData data, string folder)
{
    /// <summary>Releases rows.</summary>
    /// <param name="rows">Which.</param>
    /// <param name="images">Generator and noise.</param>
    /// <param name="name">Subfolder.</param>
    /// <param name="cancellation">Checked between files.</param>
    public PictureSet Release(IReadOnlyList<int> rows, ImageObfuscator images, string name, CancellationToken cancellation)
    {
        using var unused = new KeyedNoise(new byte[32]); // headers of PNG files hold nothing to clean
        var obfuscator = new FileObfuscator(images, new HeaderCleaner(unused, [], []), jpegQuality: null);
        var transform = new ImageTransform(data.Pictures.Side, data.Pictures.Channels, new float[data.Pictures.Channels], [.. Enumerable.Repeat(1f, data.Pictures.Channels)]);
        var values = new float[transform.SampleCount];
        return PictureSet.Fill(data.Pictures.Channels, data.Pictures.Side, rows.Count, (i, samples) =>
        {
            cancellation.ThrowIfCancellationRequested();
            string file = Path.Combine(folder, name, $"{i:d6}.png");
            AtomicFile.WriteAllBytes(file, obfuscator.Obfuscate(Encoded(data.Dataset.Read(rows[i])), data.Dataset.Records[rows[i]].File).Content);
            transform.Apply(ImageFile.Read(file), values);
            PictureSet.Quantise(values, samples);
        });
    }

    private static byte[] Encoded(RawImage image)
    {
        if (!image.IsFloat)
        {
            return ImageCodec.EncodePng(image.Bytes, image.Width, image.Height, image.Channels);
        }

        ushort[] wide = [.. image.Floats.ToArray().Select(value => (ushort)((Math.Clamp(value, 0, 1) * 65535.0) + 0.5))];
        return ImageCodec.EncodePng16(wide, image.Width, image.Height, image.Channels);
    }
}
