using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Pellicle.Data.Images;

namespace Pellicle.Data.Sources;

/// <summary>Pictures in arrays: NumPy archives and IDX files.</summary>
internal sealed class ArraySource : ImageSource
{
    private readonly IReadOnlyList<ArrayBlock> _blocks;
    private readonly (int Block, int Index)[] _places;
    private readonly Lazy<string[]> _stamps;

    internal ArraySource(SourceKind kind, IReadOnlyList<ArrayBlock> blocks, DatasetOptions options)
        : base(options)
    {
        Kind = kind;
        _blocks = blocks;
        Items = [.. blocks.SelectMany(b => b.Items(Problems))];
        _places = [.. blocks.SelectMany((b, k) => Enumerable.Range(0, b.Count).Select(i => (k, i)))];
        _stamps = new Lazy<string[]>(() => [.. _blocks.Select(Hash)]);
    }

    internal override SourceKind Kind { get; }

    internal override RawImage Read(int item, PixelScratch scratch) => _blocks[_places[item].Block].Read(_places[item].Index);

    internal override string Stamp(int item) => _stamps.Value[_places[item].Block];

    private static string Hash(ArrayBlock block) =>
        Convert.ToHexStringLower(SHA256.HashData(block.Floats.IsEmpty ? block.Bytes.Span : MemoryMarshal.AsBytes(block.Floats.Span)));
}
