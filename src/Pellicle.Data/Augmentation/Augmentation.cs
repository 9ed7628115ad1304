using Pellicle.Core.Errors;
using Pellicle.Core.Random;
using Pellicle.Data.Augmentations;

namespace Pellicle.Data;

/// <summary>Random changes of single training images that keep their meaning: mirrored, moved, turned, cropped, differently lit.</summary>
/// <remarks>Each image is changed by a generator of its own (<see cref="GeneratorFor"/>), never by one drawn for the batch: otherwise the images of a batch would be
/// coupled and the influence of one of them on the gradient sum would not be bounded by clipping. The result depends on the image and the generator alone. Thread-safe.</remarks>
public sealed class Augmentation
{
    private static readonly (string Name, Func<AugmentationStep> Make)[] Known =
    [
        ("flip", () => new FlipStep(isVertical: false)),
        ("flip-vertical", () => new FlipStep(isVertical: true)),
        ("shift", () => new ShiftStep()),
        ("rotate", () => new RotateStep()),
        ("crop", () => new CropStep()),
        ("color", () => new ColorStep()),
        ("brightness", () => new BrightnessStep()),
        ("contrast", () => new ContrastStep()),
        ("cutout", () => new CutoutStep()),
    ];

    private readonly AugmentationStep[] _steps;
    private readonly string _text;

    private Augmentation(AugmentationStep[] steps, string text)
    {
        _steps = steps;
        _text = text;
    }

    /// <summary>Leaves every image as it is.</summary>
    public static Augmentation None { get; } = new([], "none");

    /// <summary>Names that <see cref="Parse"/> knows, besides "none".</summary>
    public static IReadOnlyList<string> KnownNames { get; } = [.. Known.Select(step => step.Name)];

    /// <summary>True if images stay as they are.</summary>
    public bool IsNone => _steps.Length == 0;

    /// <summary>Reads a list of steps, which are applied in the order given.</summary>
    /// <remarks>
    /// flip, flip-vertical: with probability 1/2. shift: up to 1/8 of the size in each direction, mirrored at the edge. rotate: up to 15 degrees.
    /// crop: 70 to 100 % of the area, aspect 4:5 to 5:4, scaled back. color: each channel scaled by 0.9 to 1.1 and moved by up to 0.1.
    /// brightness: moved by up to 0.2. contrast: scaled by 0.8 to 1.25 about the mean of the image. cutout: a square of 1/4 of the size set to 0.
    /// Levels are in units of the normalised image.
    /// </remarks>
    /// <param name="text">"none", or names separated by commas, such as "flip,shift".</param>
    /// <exception cref="UsageException">A name is unknown, repeated, or combined with "none"; lists all problems and the known names.</exception>
    public static Augmentation Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        string[] names = text.ToLowerInvariant().Split(',', StringSplitOptions.TrimEntries);
        if (names is ["none"])
        {
            return None;
        }

        var problems = new List<Problem>();
        var steps = new List<AugmentationStep>();
        string known = string.Join(", ", KnownNames);
        foreach (IGrouping<string, string> group in names.GroupBy(name => name, StringComparer.Ordinal))
        {
            int found = Array.FindIndex(Known, step => step.Name == group.Key);
            if (found < 0)
            {
                string message = group.Key == "none" ? "'none' cannot be combined with other steps." : $"'{group.Key}' is no augmentation.";
                problems.Add(new Problem("--augment", message, $"Expected none, or a list of {known}."));
            }
            else if (group.Count() > 1)
            {
                problems.Add(new Problem("--augment", $"'{group.Key}' is given {group.Count()} times.", "Give each step once."));
            }
            else
            {
                steps.Add(Known[found].Make());
            }
        }

        return problems.Count == 0
            ? new Augmentation([.. steps], string.Join(',', names))
            : throw new UsageException($"--augment: {string.Join(' ', problems.Select(p => p.Message))} Expected none, or a list of {known}.", problems[0].Hint, problems);
    }

    /// <summary>The generator of one view of one image in one step.</summary>
    /// <param name="root">Generator of the run; it is not advanced.</param>
    /// <param name="step">Number of the training step.</param>
    /// <param name="record">Number of the image in the data set.</param>
    /// <param name="view">Number of the view, if an image is used several times in a step; 0 to 65,535.</param>
    public static ISeededRandom GeneratorFor(ISeededRandom root, ulong step, int record, int view = 0)
    {
        ArgumentNullException.ThrowIfNull(root);
        ArgumentOutOfRangeException.ThrowIfNegative(record);
        ArgumentOutOfRangeException.ThrowIfNegative(view);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(view, ushort.MaxValue);
        return root.Derive("augment", step).Derive("image", ((ulong)record << 16) | (uint)view);
    }

    /// <summary>Changes one image in place.</summary>
    /// <param name="image">[C, H, W], normalised.</param>
    /// <param name="channels">C, at least 1.</param>
    /// <param name="height">H, at least 1.</param>
    /// <param name="width">W, at least 1.</param>
    /// <param name="random">Generator of this image, step and view alone.</param>
    /// <exception cref="ArgumentException">The sizes do not fit the span.</exception>
    public void Apply(Span<float> image, int channels, int height, int width, ISeededRandom random)
    {
        ArgumentNullException.ThrowIfNull(random);
        if (channels < 1 || height < 1 || width < 1 || (long)channels * height * width != image.Length)
        {
            throw new ArgumentException($"An image of {channels} x {height} x {width} does not fit {image.Length} values.", nameof(image));
        }

        foreach (AugmentationStep step in _steps)
        {
            step.Apply(image, channels, height, width, random);
        }
    }

    /// <summary>The text from which <see cref="Parse"/> makes the same steps.</summary>
    public override string ToString() => _text;
}
