using Pellicle.Core.Random;
using Pellicle.Data.Synthetic.Painting;

namespace Pellicle.Data.Synthetic;

/// <summary>Generated patients with their images. No part of it comes from a person.</summary>
/// <remarks>The label is drawn first; it shifts the latent strengths of three signs (for lesions: asymmetry, border, colour) through one latent severity, whose classes overlap, and the
/// signs are painted. Sex and age are drawn independently of the label and show only if <see cref="SyntheticOptions.AttributeStrength"/> is above 0. Every image has a
/// generator of its own, derived from seed and number, so images can be rendered in any order and in parallel.</remarks>
public sealed class SyntheticSet
{
    private readonly SyntheticSubject[] _subjects;
    private readonly SeededRandom _root;
    private readonly Painter _painter;

    internal SyntheticSet(SyntheticOptions options)
    {
        options.Validate();
        Options = options;
        _root = new SeededRandom(options.Seed);
        _painter = Painter.Of(options.Kind);
        _subjects = SyntheticCohort.Draw(options, _painter.Classes, _root);
        Records = Array.ConvertAll(_subjects, subject => subject.Record);
    }

    /// <summary>What was asked for.</summary>
    public SyntheticOptions Options { get; }

    /// <summary>The two class names, sorted; the second is the one that signs of disease point to.</summary>
    public IReadOnlyList<string> Classes => _painter.Classes;

    /// <summary>3 (RGB) or 1 (grey).</summary>
    public int Channels => _painter.Channels;

    /// <summary>One record per image, patients together.</summary>
    public IReadOnlyList<SyntheticRecord> Records { get; }

    /// <summary>Paints one image. Thread-safe; the same bytes at every call.</summary>
    /// <param name="index">Position in <see cref="Records"/>.</param>
    /// <returns>[size, size, channels], 8-bit samples, rows from the top.</returns>
    public byte[] Render(int index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, _subjects.Length);
        ISeededRandom random = _root.Derive("synthetic image", (ulong)index);
        var canvas = Canvas.For(Options.ImageSize, Channels);
        _painter.Paint(canvas, _subjects[index], random);
        return canvas.ToSamples(Options.ImageSize, random);
    }

    /// <summary>Paints all images, in parallel.</summary>
    /// <param name="threads">Threads to use, at least 1; the result does not depend on it.</param>
    /// <returns>One array per record, each as from <see cref="Render"/>.</returns>
    public byte[][] RenderAll(int threads)
    {
        var images = new byte[Records.Count][];
        Parallel.For(0, images.Length, new ParallelOptions { MaxDegreeOfParallelism = threads }, i => images[i] = Render(i));
        return images;
    }
}
