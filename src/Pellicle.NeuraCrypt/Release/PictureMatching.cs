using Pellicle.Tensors;

namespace Pellicle.NeuraCrypt.Release;

/// <summary>Finds for each published encoding a picture that gives it and that no other encoding has taken: one to one.</summary>
/// <param name="type">Number format of the release.</param>
/// <param name="scale">Of int8 releases, or null.</param>
/// <param name="pictures">Pictures of the source.</param>
internal sealed class PictureMatching(EncodingType type, float[]? scale, int pictures)
{
    // Equal pictures in a source are rare; more than this many of one kind are told as mismatches.
    private const int Candidates = 8;

    private readonly bool[] _isTaken = new bool[pictures];

    /// <summary>Pictures that have their encoding.</summary>
    public int Matched => _isTaken.Count(taken => taken);

    // Float32 products differ in the last bits with the size of the batch; narrow formats by their rounding of values up to 16; int8 by a step of its scale.
    private double Tolerance => type switch { EncodingType.F32 => 1e-3, EncodingType.F16 => 2e-2, EncodingType.Int8 => 1e-3 + scale!.Max(), _ => 0.1 };

    /// <summary>Numbers of an encoding as they were before rounding.</summary>
    /// <param name="published">As in the file; changed in place.</param>
    public float[] Restored(float[] published) => Int8Scale.Restore(published, scale);

    /// <summary>Takes a picture for an encoding.</summary>
    /// <param name="rows">The encoding [P, hidden].</param>
    /// <param name="means">Mean rows of all pictures [n, hidden].</param>
    /// <param name="encode">Encodes a picture [P, hidden].</param>
    /// <returns>Largest difference of a number; null if no picture that is left gives this encoding.</returns>
    public double? Match(Tensor rows, Tensor means, Func<int, Tensor> encode)
    {
        float[] distances = (means - rows.Mean(0)).Square().Sum(1).ToArray<float>();
        foreach (int record in Enumerable.Range(0, distances.Length).OrderBy(i => distances[i]).Take(Candidates))
        {
            using TensorScope scope = TensorScope.Open();
            double difference = Difference(rows, Rounded(encode(record)));
            if (difference > Tolerance)
            {
                return null; // farther ones differ more
            }

            if (!_isTaken[record])
            {
                _isTaken[record] = true;
                return difference;
            }
        }

        return null;
    }

    // What int8 cuts off is cut off on both sides.
    private Tensor Rounded(Tensor expected) => scale is null
        ? expected
        : Tensor.From<float>(Restored(Array.ConvertAll(EncodingPublisher.Quantised(expected.Contiguous().ToArray<float>(), scale), value => (float)value)), expected.Shape);

    // Each published row against its nearest row, in any order.
    private static double Difference(Tensor published, Tensor expected)
    {
        Tensor products = (published.MatMul(expected.Transpose()) * 2) - expected.Square().Sum(1);
        Tensor nearest = products.ArgMax(1);
        return (published - expected.IndexSelect(0, nearest)).Abs().Maximum().Item();
    }
}
