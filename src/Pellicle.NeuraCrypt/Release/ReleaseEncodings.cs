using Pellicle.Core.Errors;
using Pellicle.Formats.Npy;
using Pellicle.Formats.Safetensors;
using Pellicle.Tensors;

namespace Pellicle.NeuraCrypt.Release;

/// <summary>The encodings of a public folder by their ids, read when asked for.</summary>
internal sealed class ReleaseEncodings : IDisposable
{
    private readonly string _folder;
    private readonly EncodedManifest _manifest;
    private readonly float[]? _scale;
    private readonly Dictionary<string, string> _fileOf = [];
    private readonly Dictionary<string, SafetensorsFile> _open = [];

    /// <summary>Lists the ids of a release.</summary>
    /// <exception cref="DataFormatException">A file is missing or damaged.</exception>
    public ReleaseEncodings(string folder, EncodedManifest manifest)
    {
        _folder = folder;
        _manifest = manifest;
        _scale = Int8Scale.Read(folder, manifest);
        foreach (EncodedShard shard in manifest.Shards)
        {
            string path = Path.Combine(folder, shard.File);
            foreach (string id in IsNpy(path) ? [Path.GetFileNameWithoutExtension(path)] : Open(path).Entries.Keys)
            {
                _fileOf[id] = path;
            }
        }
    }

    /// <summary>Opaque ids.</summary>
    public IReadOnlyCollection<string> Ids => _fileOf.Keys;

    /// <summary>Reads encodings, [n, P, hidden], of the caller's scope.</summary>
    /// <exception cref="DataFormatException">An encoding has another size than the manifest says, or values that are not finite.</exception>
    public Tensor Read(IReadOnlyList<string> ids)
    {
        using TensorScope scope = TensorScope.Open();
        return scope.Keep(Tensor.Stack(0, [.. ids.Select(Read)]));
    }

    public void Dispose()
    {
        foreach (SafetensorsFile file in _open.Values)
        {
            file.Dispose();
        }
    }

    private static bool IsNpy(string path) => path.EndsWith(".npy", StringComparison.Ordinal);

    private Tensor Read(string id)
    {
        string path = _fileOf[id];
        float[] values = Int8Scale.Restore(IsNpy(path) ? NpyFile.Read(path).ToFloats() : Open(path).ReadFloats(id), _scale);
        if (values.Length != (long)_manifest.Shape[0] * _manifest.Shape[1] || NonFinite.IndexOfFirst(values) >= 0)
        {
            throw new DataFormatException($"'{path}': the encoding '{id}' has {values.Length} values or values that are not finite; expected {_manifest.Shape[0]} x {_manifest.Shape[1]}.", "Check the folder with 'pellicle encode verify'.");
        }

        return Tensor.From<float>(values, _manifest.Shape[0], _manifest.Shape[1]);
    }

    private SafetensorsFile Open(string path)
    {
        if (!_open.TryGetValue(path, out SafetensorsFile? file))
        {
            _open[path] = file = SafetensorsFile.Read(path);
        }

        return file;
    }
}
