using Pellicle.Core.Errors;
using Pellicle.Formats.Npy;
using Pellicle.Formats.Safetensors;

namespace Pellicle.NeuraCrypt.Encoders;

/// <summary>The weights of an encoder: as good as the key, so they are derived when needed and never written beside public data.</summary>
public sealed class EncoderWeights
{
    private readonly IReadOnlyDictionary<string, float[]> _values;

    /// <summary>Joins an architecture and its tensors.</summary>
    /// <param name="architecture">Gives names and shapes.</param>
    /// <param name="values">One array a tensor of <see cref="EncoderArchitecture.Tensors"/>, row-major; kept, not copied.</param>
    /// <exception cref="DataFormatException">A tensor is missing or has another size.</exception>
    public EncoderWeights(EncoderArchitecture architecture, IReadOnlyDictionary<string, float[]> values)
    {
        ArgumentNullException.ThrowIfNull(architecture);
        ArgumentNullException.ThrowIfNull(values);
        architecture.Validate();
        foreach (EncoderTensor tensor in architecture.Tensors())
        {
            if (!values.TryGetValue(tensor.Name, out float[]? array) || array.Length != tensor.Count)
            {
                throw new DataFormatException(
                    array is null ? $"the encoder's tensor '{tensor.Name}' is missing." : $"the encoder's tensor '{tensor.Name}' has {array.Length} values; expected {tensor.Count} ({string.Join(" x ", tensor.Shape)}).",
                    "Check depth, hidden size, patch size and image size against the file.");
            }
        }

        Architecture = architecture;
        _values = values;
    }

    /// <summary>Names and shapes.</summary>
    public EncoderArchitecture Architecture { get; }

    /// <summary>Number of values.</summary>
    public long Count => Architecture.Tensors().Sum(tensor => (long)tensor.Count);

    /// <summary>Values of a tensor, row-major.</summary>
    /// <param name="name">One of the architecture's tensors.</param>
    public float[] this[string name] => _values[name];

    /// <summary>The same weights under another normalisation or preprocessing.</summary>
    /// <param name="architecture">Must have the same tensors.</param>
    public EncoderWeights Under(EncoderArchitecture architecture) => new(architecture, _values);

    /// <summary>Reads weights of the reference under its own names, with or without the prefix "w.".</summary>
    /// <param name="path">An NPZ or safetensors file; pickles are never opened.</param>
    /// <param name="architecture">What the file must hold.</param>
    /// <exception cref="DataFormatException">Missing tensors, other shapes, values that are not finite, or another kind of file.</exception>
    public static EncoderWeights Read(string path, EncoderArchitecture architecture)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(architecture);
        architecture.Validate();
        return Path.GetExtension(path).ToLowerInvariant() switch
        {
            ".npz" => ReadNpz(path, architecture),
            ".safetensors" => ReadSafetensors(path, architecture),
            _ => throw new DataFormatException($"'{path}' is neither .npz nor .safetensors.", "Pickled files run code when loaded and are refused; convert the state dictionary with numpy.savez(file, **{name: tensor.numpy()})."),
        };
    }

    /// <summary>Kind and size only: weights are secret.</summary>
    public override string ToString() => $"EncoderWeights ({Count} values)";

    private static EncoderWeights ReadNpz(string path, EncoderArchitecture architecture)
    {
        using var archive = NpzArchive.Open(path);
        return Collect(path, architecture, archive.Contains, name =>
        {
            NpyArray array = archive.Read(name);
            array.RequireFinite();
            return (array.Shape, array.ToFloats());
        });
    }

    private static EncoderWeights ReadSafetensors(string path, EncoderArchitecture architecture)
    {
        using var file = SafetensorsFile.Read(path);
        return Collect(path, architecture, file.Entries.ContainsKey, name => (file.Find(name).Shape, file.ReadFloats(name)));
    }

    private static EncoderWeights Collect(string path, EncoderArchitecture architecture, Func<string, bool> has, Func<string, (IReadOnlyList<long> Shape, float[] Values)> read)
    {
        var values = new Dictionary<string, float[]>();
        foreach (EncoderTensor tensor in architecture.Tensors())
        {
            string name = has(tensor.Name) ? tensor.Name : "w." + tensor.Name;
            if (!has(name))
            {
                throw new DataFormatException($"'{path}' has no tensor '{tensor.Name}'.", "Check --kind and --depth against the file.");
            }

            (IReadOnlyList<long> shape, float[] array) = read(name);
            if (!shape.SequenceEqual(tensor.Shape))
            {
                throw new DataFormatException($"'{path}': tensor '{tensor.Name}' has shape ({string.Join(", ", shape)}); expected ({string.Join(", ", tensor.Shape)}).", "Check --hidden, --width, --patch-size, --channels and --image-size against the file.");
            }

            if (NonFinite.IndexOfFirst(array) >= 0)
            {
                throw new DataFormatException($"'{path}': tensor '{tensor.Name}' holds values that are not finite.", "Export the weights again.");
            }

            values[tensor.Name] = array;
        }

        return new EncoderWeights(architecture, values);
    }
}
