using Pellicle.Data;
using Pellicle.Tensors;

namespace Pellicle.Training.Steps;

/// <summary>Encodes the pictures of a source when they are asked for, and keeps what fits into memory: the owner's own training, without a public folder.</summary>
/// <remarks>Patches keep their order: the networks on encodings do not look at it, and equal runs stay equal.</remarks>
internal sealed class EncodingOnTheFly : RecordLoader
{
    private const int BlockImages = 16;
    private readonly ImageLoader _pictures;
    private readonly IPictureEncoder _encoder;
    private readonly Tensor?[] _kept;
    private readonly Lock _lock = new();
    private long _freeBytes;

    /// <param name="pictures">Reads pictures with the encoder's transform; disposed with this object.</param>
    /// <param name="encoder">Not disposed.</param>
    /// <param name="records">Number of records of the data set.</param>
    /// <param name="cacheBytes">Most memory for encodings.</param>
    public EncodingOnTheFly(ImageLoader pictures, IPictureEncoder encoder, int records, long cacheBytes)
    {
        _pictures = pictures;
        _encoder = encoder;
        _kept = new Tensor?[records];
        _freeBytes = cacheBytes;
    }

    public override IReadOnlyList<long> Shape => [_encoder.Layout.Tokens, _encoder.Layout.Width];

    public override void Fill(ReadOnlySpan<int> records, Span<float> destination)
    {
        lock (_lock)
        {
            int[] wanted = records.ToArray();
            int size = Count;
            for (int i = 0; i < wanted.Length; i++)
            {
                _kept[wanted[i]]?.Data<float>().CopyTo(destination.Slice(i * size, size));
            }

            int[] missing = [.. Enumerable.Range(0, wanted.Length).Where(i => _kept[wanted[i]] is null)];
            foreach (int[] block in missing.Chunk(BlockImages))
            {
                Encode(block, wanted, destination);
            }
        }
    }

    public override void Prefetch(IReadOnlyList<int> records) => _pictures.Prefetch([.. records.Where(record => _kept[record] is null)]);

    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        _pictures.Dispose();
        foreach (Tensor? kept in _kept)
        {
            kept?.Dispose();
        }
    }

    private void Encode(int[] places, int[] records, Span<float> destination)
    {
        using TensorScope scope = TensorScope.Open();
        Tensor images = Tensor.Empty(DType.Float32, [places.Length, .. _pictures.Shape]);
        _pictures.Fill(Array.ConvertAll(places, place => records[place]), images.Data<float>());
        Tensor encodings = _encoder.Encode(images);
        int size = Count;
        for (int i = 0; i < places.Length; i++)
        {
            Tensor encoding = encodings.Select(0, i).Contiguous();
            encoding.Data<float>().CopyTo(destination.Slice(places[i] * size, size));
            long bytes = sizeof(float) * (long)size;
            if (_freeBytes >= bytes && _kept[records[places[i]]] is null)
            {
                _kept[records[places[i]]] = encoding.Clone().Detached();
                _freeBytes -= bytes;
            }
        }
    }
}
