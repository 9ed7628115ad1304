using Pellicle.Core.Errors;
using Pellicle.Data;
using Pellicle.Formats.Npy;
using Pellicle.Mpc.Compiler;

namespace Pellicle.Cli.Mpc;

/// <summary>Pictures and arrays as the model's input: what the client does before anything is shared.</summary>
internal static class ClientImages
{
    /// <summary>Reads files.</summary>
    /// <param name="input">How an image is prepared.</param>
    /// <param name="model">Name of the model or plan, for messages.</param>
    /// <param name="files">PNG, JPEG, DICOM, or NPY.</param>
    /// <returns>A name and the prepared values of each image; an array may hold several.</returns>
    /// <exception cref="DataFormatException">Files cannot be used: all of them are listed.</exception>
    public static IReadOnlyList<(string Name, float[] Values)> Read(InputContract input, string model, IReadOnlyList<string> files)
    {
        var problems = new List<Problem>();
        var images = new List<(string, float[])>();
        foreach (string file in files)
        {
            try
            {
                images.AddRange(ReadOne(input, model, file));
            }
            catch (DataFormatException e)
            {
                problems.Add(new Problem(file, e.Message, e.Hint));
            }
        }

        return problems.Count switch
        {
            0 => images,
            1 => throw new DataFormatException(problems[0].Message, problems[0].Hint, problems),
            _ => throw new DataFormatException($"{problems.Count} of {files.Count} files cannot be used; the first: {problems[0].Message}", problems[0].Hint, problems),
        };
    }

    /// <summary>The picture files and arrays of a folder, in the order of their names.</summary>
    /// <param name="folder">The folder.</param>
    /// <exception cref="DataFormatException">It is missing, or holds none.</exception>
    public static IReadOnlyList<string> In(string folder)
    {
        if (!Directory.Exists(folder))
        {
            throw new DataFormatException($"there is no folder '{folder}'.", "Give a folder of pictures or arrays.");
        }

        string[] files = [.. Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
            .Where(file => ImageFile.Extensions.Contains(Path.GetExtension(file).ToLowerInvariant())).Order(StringComparer.Ordinal)];
        return files.Length > 0 ? files : throw new DataFormatException($"'{folder}' holds no pictures ({string.Join(", ", ImageFile.Extensions)}).", "Give a folder of pictures or arrays.");
    }

    /// <summary>How to prepare pictures; null if the values go in as they are.</summary>
    /// <param name="input">The contract.</param>
    public static ImageTransform? TransformOf(InputContract input) =>
        input is { Mean: { } mean, Std: { } std, Shape: [var channels, var size, _] } ? new ImageTransform(size, channels, [.. mean], [.. std]) : null;

    private static IEnumerable<(string Name, float[] Values)> ReadOne(InputContract input, string model, string file)
    {
        bool isArray = Path.GetExtension(file).Equals(".npy", StringComparison.OrdinalIgnoreCase);
        if (isArray && Array(input, file) is { } arrays)
        {
            return arrays.Select((values, i) => (arrays.Count == 1 ? file : $"{file}#{i}", values));
        }

        if (TransformOf(input) is not { } transform)
        {
            throw new DataFormatException(
                $"'{file}' is a picture, but '{model}' does not say how pictures become its input.",
                $"Give an NPY file of shape [{string.Join(", ", input.Shape)}], or add mean, std and classes: pellicle model import FILE --classes ... --out NEW.onnx");
        }

        var pixels = new float[transform.SampleCount];
        transform.Apply(ImageFile.Read(file, new DatasetOptions { Window = DicomWindow.Parse(input.Window) }), pixels);
        return [(file, pixels)];
    }

    // An array of the input's own shape goes in as it is; null for an array that is a picture.
    private static List<float[]>? Array(InputContract input, string file)
    {
        NpyArray array = NpyFile.Read(file);
        IReadOnlyList<int> shape = input.Shape;
        int count = input.Count;
        long[] sizes = [.. array.Shape];
        bool isWhole = array.Count > 0 && array.Count % count == 0;
        bool isFirst = isWhole && Fits(sizes, [.. shape.Select(size => (long)size)]);
        bool isLast = isWhole && !isFirst && shape.Count == 3 && Fits(sizes, [shape[1], shape[2], shape[0]]);
        if (TransformOf(input) is not null && (array.Type == NpyType.U1 || sizes is [_, _] or [_, _, 1 or 3] or [1, _, _, 1 or 3]))
        {
            return null; // a picture, as every command reads it
        }

        if (TransformOf(input) is not null && isLast)
        {
            throw new DataFormatException($"'{file}' holds {array.Count / count} pictures, which would need the preparation of the plan; expected one picture, or prepared values with channels first.", "Give one file a picture.");
        }

        if (!isFirst && !isLast)
        {
            throw new DataFormatException($"'{file}' has the shape [{string.Join(", ", sizes)}]; expected [{string.Join(", ", shape)}] or several of them, channels first or last.", "Give the array as the model takes it.");
        }

        float[] values = array.ToFloats();
        if (!values.All(float.IsFinite))
        {
            throw new DataFormatException($"'{file}' holds numbers that are not finite.", "Give finite values.");
        }

        return [.. values.Chunk(count).Select(image => isLast ? ChannelsFirst(image, shape[0]) : image)];
    }

    // Leading sizes are images; a size of 1 may be left out.
    private static bool Fits(long[] sizes, long[] expected)
    {
        long[] kept = [.. sizes.Where(size => size != 1)], wanted = [.. expected.Where(size => size != 1)];
        return kept.AsSpan().EndsWith(wanted) && kept.Length <= wanted.Length + 1;
    }

    private static float[] ChannelsFirst(float[] image, int channels)
    {
        int plane = image.Length / channels;
        return [.. Enumerable.Range(0, image.Length).Select(i => image[(i % plane * channels) + (i / plane)])];
    }
}
