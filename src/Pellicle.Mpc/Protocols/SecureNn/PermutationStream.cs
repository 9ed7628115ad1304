using Pellicle.Mpc.Core;

namespace Pellicle.Mpc.Protocols.SecureNn;

/// <summary>A uniformly random permutation of 64 positions for each element, applied alike by both holders of a key.</summary>
/// <remarks>Fisher and Yates; places below r from 16 bits v as v·r / 2^16, where the v that would favour some places are passed over (Lemire 2019: Fast Random Integer Generation in an Interval).
/// An element draws 128 bytes at a place of the stream that depends on its number only, and 128 more from a second stream if more than one v was passed over.</remarks>
internal sealed class PermutationStream(PairwiseSeed key, uint step, uint part)
{
    private const int Blocks = 8, BlockBytes = 16, Draws = 64;

    private readonly SeedStream _first = key.Open(step, part);
    private readonly SeedStream _more = key.Open(step, part + 1);
    private byte[] _drawn = [];

    /// <summary>Permutes the digits of a run of elements in place.</summary>
    /// <param name="element">Number of the first.</param>
    /// <param name="digits">64 an element.</param>
    public void Apply(int element, Span<byte> digits)
    {
        int n = digits.Length / Digits.Count;
        if (_drawn.Length < n * Blocks * BlockBytes)
        {
            _drawn = new byte[n * Blocks * BlockBytes];
        }

        Span<byte> drawn = _drawn.AsSpan(0, n * Blocks * BlockBytes);
        _first.Fill((ulong)element * Blocks, drawn);
        for (int i = 0; i < n; i++)
        {
            Shuffle(digits.Slice(i * Digits.Count, Digits.Count), System.Runtime.InteropServices.MemoryMarshal.Cast<byte, ushort>(drawn.Slice(i * Blocks * BlockBytes, Blocks * BlockBytes)), element + i);
        }
    }

    private void Shuffle(Span<byte> digits, ReadOnlySpan<ushort> drawn, int element)
    {
        int next = 0;
        for (int last = Digits.Count - 1; last > 0;)
        {
            if (next == Draws)
            {
                byte[] more = new byte[Blocks * BlockBytes];
                _more.Fill((ulong)element * Blocks, more);
                drawn = System.Runtime.InteropServices.MemoryMarshal.Cast<byte, ushort>(more);
                next = 0;
            }

            uint range = (uint)last + 1, scaled = drawn[next++] * range;
            if ((scaled & 0xFFFF) >= 65536 % range)
            {
                int place = (int)(scaled >> 16);
                (digits[last], digits[place]) = (digits[place], digits[last]);
                last--;
            }
        }
    }
}
