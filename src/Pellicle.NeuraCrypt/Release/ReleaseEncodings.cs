using Pellicle.Core.Errors;
using Pellicle.Data.Encodings;
using Pellicle.Tensors;

namespace Pellicle.NeuraCrypt.Release;

/// <summary>The encodings of a public folder by their ids, as tensors; labels are not read and may be left out.</summary>
/// <param name="folder">The public folder.</param>
internal sealed class ReleaseEncodings(string folder) : IDisposable
{
    private readonly EncodedFolder _encodings = new(folder);

    /// <summary>Opaque ids.</summary>
    public IReadOnlyCollection<string> Ids => _encodings.Ids;

    /// <summary>Reads encodings, [n, P, hidden], of the caller's scope.</summary>
    /// <exception cref="DataFormatException">An encoding has another size than the manifest says, or values that are not finite.</exception>
    public Tensor Read(IReadOnlyList<string> ids)
    {
        int size = _encodings.Shape[0] * _encodings.Shape[1];
        Tensor result = Tensor.Empty(DType.Float32, ids.Count, _encodings.Shape[0], _encodings.Shape[1]);
        for (int i = 0; i < ids.Count; i++)
        {
            _encodings.Read(ids[i], result.Data<float>().Slice(i * size, size));
        }

        return result;
    }

    public void Dispose() => _encodings.Dispose();
}
