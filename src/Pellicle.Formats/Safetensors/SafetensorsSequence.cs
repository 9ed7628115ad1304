using Pellicle.Core.Files;

namespace Pellicle.Formats.Safetensors;

/// <summary>Writes many tensors of one type and shape into a safetensors file, one after the other: memory does not grow with the file.</summary>
public static class SafetensorsSequence
{
    /// <summary>Writes a file atomically.</summary>
    /// <param name="path">Final path.</param>
    /// <param name="type">F32, F16, BF16 or I8.</param>
    /// <param name="shape">Shape of every tensor.</param>
    /// <param name="names">Distinct names, in the order of the data.</param>
    /// <param name="writeAll">Writes the elements of all tensors in this order, little-endian.</param>
    /// <exception cref="ArgumentException">Another type, or a name twice.</exception>
    /// <exception cref="InvalidOperationException">Other than the announced number of bytes was written.</exception>
    public static void Write(string path, string type, IReadOnlyList<long> shape, IReadOnlyList<string> names, Action<Stream> writeAll)
    {
        ArgumentNullException.ThrowIfNull(shape);
        ArgumentNullException.ThrowIfNull(names);
        ArgumentNullException.ThrowIfNull(writeAll);
        if (type is not ("F32" or "F16" or "BF16" or "I8") || names.Distinct().Count() != names.Count)
        {
            throw new ArgumentException($"Expected F32, F16, BF16 or I8 and distinct names, not {type} with {names.Count} names.", nameof(type));
        }

        long bytes = checked(shape.Aggregate(1L, (product, size) => checked(product * size)) * SafetensorsTypes.SizeOf(type));
        byte[] header = SafetensorsWriter.MakeHeader(names.Select(name => (name, type, shape, bytes)), null);
        AtomicFile.Write(path, stream =>
        {
            stream.Write(header);
            long start = stream.Position;
            writeAll(stream);
            if (stream.Position - start != bytes * names.Count)
            {
                throw new InvalidOperationException($"{stream.Position - start} bytes were written for {names.Count} tensors of {bytes} bytes.");
            }
        });
    }
}
