using System.Diagnostics;
using Pellicle.Mpc.Core;

namespace Pellicle.Mpc.Protocols.SecureNn;

/// <summary>Uniform digits modulo 67, 64 for each element, that both holders of a key draw alike.</summary>
/// <remarks>Rejection: bytes from 201 on are passed over, and the rest taken modulo 67; nonzero digits pass over those that give 0 as well. An element draws 96 bytes at a place of
/// the stream that depends on its number only, and in the rare case that too few remain, from 256 more in a second stream.</remarks>
internal sealed class DigitStream
{
    private const int FirstBlocks = 6, MoreBlocks = 16, BlockBytes = 16;

    private readonly SeedStream _first;
    private readonly SeedStream _more;
    private readonly byte[] _digit = new byte[256];
    private readonly byte[] _isTaken = new byte[256];
    private byte[] _drawn = [];

    /// <summary>Opens a stream.</summary>
    /// <param name="key">Key of the two parties.</param>
    /// <param name="step">Step of the session.</param>
    /// <param name="part">What it is for; the next number is taken too.</param>
    /// <param name="isNonzero">True gives digits 1 to 66.</param>
    public DigitStream(PairwiseSeed key, uint step, uint part, bool isNonzero = false)
    {
        _first = key.Open(step, part);
        _more = key.Open(step, part + 1);
        for (int b = 0; b < 256; b++)
        {
            _digit[b] = (byte)(b % Digits.Modulus);
            _isTaken[b] = b < 201 && !(isNonzero && _digit[b] == 0) ? (byte)1 : (byte)0;
        }
    }

    /// <summary>Digits of a run of elements.</summary>
    /// <param name="element">Number of the first.</param>
    /// <param name="digits">64 an element.</param>
    public void Read(int element, Span<byte> digits)
    {
        int n = digits.Length / Digits.Count;
        if (_drawn.Length < n * FirstBlocks * BlockBytes)
        {
            _drawn = new byte[n * FirstBlocks * BlockBytes];
        }

        Span<byte> drawn = _drawn.AsSpan(0, n * FirstBlocks * BlockBytes), more = stackalloc byte[MoreBlocks * BlockBytes];
        _first.Fill((ulong)element * FirstBlocks, drawn);
        for (int i = 0; i < n; i++)
        {
            Span<byte> own = digits.Slice(i * Digits.Count, Digits.Count);
            int found = Take(drawn.Slice(i * FirstBlocks * BlockBytes, FirstBlocks * BlockBytes), own, 0);
            if (found < Digits.Count)
            {
                _more.Fill((ulong)(element + i) * MoreBlocks, more);
                found = Take(more, own, found);
                Debug.Assert(found == Digits.Count, "fewer than 64 of 352 bytes taken: below 1 in 2^300");
            }
        }
    }

    private int Take(ReadOnlySpan<byte> drawn, Span<byte> digits, int found)
    {
        byte[] digit = _digit, isTaken = _isTaken;
        for (int i = 0; i < drawn.Length && found < digits.Length; i++)
        {
            digits[found] = digit[drawn[i]];
            found += isTaken[drawn[i]];
        }

        return found;
    }
}
