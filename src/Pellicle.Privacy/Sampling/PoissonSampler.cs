using Pellicle.Privacy.Noise;

namespace Pellicle.Privacy.Sampling;

/// <summary>Each unit joins each step independently with probability q.</summary>
/// <remarks>A 64-bit word is compared with floor(q·2^64): the rate is met to 2^−64, never above q. A float32 uniform would miss it by
/// up to 2^−24 and be exactly 0 or 1 at the ends. q = 1 takes every unit without a comparison.</remarks>
public sealed class PoissonSampler : BatchSampler
{
    private const int Block = 512;

    private readonly ulong _threshold;
    private readonly ulong[] _words = new ulong[Block];

    internal PoissonSampler(PrivacyUnits units, double sampleRate, int maxImagesPerUnit, RunKey key)
        : base(units, maxImagesPerUnit, key)
    {
        if (!(sampleRate >= 0 && sampleRate <= 1))
        {
            throw new ArgumentOutOfRangeException(nameof(sampleRate), sampleRate, "The sample rate must be in 0..1.");
        }

        SampleRate = sampleRate;
        _threshold = Threshold(sampleRate);
    }

    /// <summary>q.</summary>
    public double SampleRate { get; }

    /// <summary>floor(q·2^64), exact for q below 1; the largest word for q = 1.</summary>
    /// <param name="sampleRate">q in 0..1.</param>
    public static ulong Threshold(double sampleRate) => sampleRate >= 1 ? ulong.MaxValue : (ulong)(sampleRate * 18446744073709551616.0);

    private protected override void ChooseUnits(long step, SecureStream stream, List<int> chosen)
    {
        int count = Units.Count;
        if (SampleRate >= 1)
        {
            chosen.AddRange(Enumerable.Range(0, count));
            return;
        }

        for (int start = 0; start < count; start += Block)
        {
            Span<ulong> words = _words.AsSpan(0, Math.Min(Block, count - start));
            stream.Fill(words);
            for (int i = 0; i < words.Length; i++)
            {
                if (words[i] < _threshold)
                {
                    chosen.Add(start + i);
                }
            }
        }
    }
}
