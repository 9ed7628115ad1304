using Pellicle.Core.Files;
using Pellicle.Data;
using Pellicle.Formats.Npy;
using Pellicle.Native;
using Pellicle.Viewmaker.Generators;
using Pellicle.Viewmaker.Release;
using Pellicle.Viewmaker.Release.Dicom;
using Pellicle.Viewmaker.Subjects;

namespace Pellicle.Viewmaker.Evaluation;

/// <summary>Releases pictures the way <c>apply</c> does: the file of each original, at its own size and bit depth, becomes a file; the file is read back, and what was read is brought to the attackers' size.</summary>
/// <param name="data">Originals. Those without a file of their own (arrays, procedural images) are made PNG first.</param>
/// <param name="generator">The generator.</param>
/// <param name="folder">Folder of the files; kept, so that other tools can attack them.</param>
/// <param name="jpegQuality">1 to 100 to release JPEG, as <c>apply</c> may; null for PNG.</param>
internal sealed class ReleasedPictures(SubjectData data, Generator generator, string folder, int? jpegQuality = null)
{
    private readonly DatasetOptions _reading = new() { Window = data.Window };

    /// <summary>Releases rows.</summary>
    /// <param name="rows">Which.</param>
    /// <param name="noise">Key of noise and pseudonyms.</param>
    /// <param name="name">Subfolder.</param>
    /// <param name="cancellation">Checked between files.</param>
    /// <returns>The pictures as read back: 16 bits a sample if one of the files has them.</returns>
    public PictureSet Release(IReadOnlyList<int> rows, KeyedNoise noise, string name, CancellationToken cancellation)
    {
        var obfuscator = new FileObfuscator(new ImageObfuscator(generator, noise), new HeaderCleaner(noise, [], default), jpegQuality);
        var transform = new ImageTransform(data.Pictures.Side, data.Pictures.Channels, new float[data.Pictures.Channels], [.. Enumerable.Repeat(1f, data.Pictures.Channels)]);
        bool isWide = false;
        PictureSet pictures = PictureSet.FillWide(data.Pictures.Channels, data.Pictures.Side, rows.Count, (i, numbers) =>
        {
            cancellation.ThrowIfCancellationRequested();
            byte[] original = data.Dataset.ReadFile(rows[i]) is { } stored && !NpyFile.LooksLikeNpy(stored) ? stored : Encoded(data.Dataset.Read(rows[i]));
            byte[] released = obfuscator.Obfuscate(original, data.Dataset.Records[rows[i]].File).Content;
            string file = Path.Combine(folder, name, $"{i:d6}{(DicomDecoder.LooksLikeDicom(released) ? ".dcm" : jpegQuality is null ? ".png" : ".jpg")}");
            AtomicFile.WriteAllBytes(file, released);
            RawImage back = ReadBack(file);
            isWide |= back.IsFloat;
            transform.Apply(back, numbers);
        });
        return isWide ? pictures : pictures.To8Bits();
    }

    // The reader of data sets gives 8 bits of PNG files; an attacker takes all that there are.
    private RawImage ReadBack(string file)
    {
        byte[] content = File.ReadAllBytes(file);
        if (DicomDecoder.LooksLikeDicom(content) || ImageCodec.Probe(content, file) is not { BitDepth: 16 } header)
        {
            return ImageFile.Read(file, _reading);
        }

        ushort[] samples = ImageCodec.DecodePng16(content, file, header);
        return new RawImage(header.Width, header.Height, header.Channels, Array.ConvertAll(samples, sample => sample / 65535f));
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
