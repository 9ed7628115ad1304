namespace Pellicle.Mpc.Protocols.SecureNn;

/// <content>PrivateCompare (SecureNN, algorithm 3): P2 learns β' = β xor (x > R), where it dealt shares of the bits of x, and P0 and P1 know R and β. 112 bytes an element, 1 round.</content>
public sealed partial class SecureNnProtocol
{
    // Elements whose digits are in the cache at once.
    private const int BlockElements = 256;

    // P2: shares of the bits of x modulo 67; P0's come from the common key, P1's are returned, packed.
    private byte[] ShareBits(ulong[] x, uint step)
    {
        var packed = new byte[checked(x.Length * Digits.PackedBytes)];
        var stream = new DigitStream(_dealer.With0, step, StreamPart.Digits);
        Span<byte> digits = new byte[BlockElements * Digits.Count];
        for (int first = 0; first < x.Length; first += BlockElements)
        {
            int n = Math.Min(BlockElements, x.Length - first);
            Span<byte> block = digits[..(n * Digits.Count)];
            stream.Read(first, block);
            for (int i = 0; i < n; i++)
            {
                Digits.SubtractFromBits(x[first + i], block.Slice(i * Digits.Count, Digits.Count));
            }

            Digits.Pack(block, packed.AsSpan(first * Digits.PackedBytes));
        }

        return packed;
    }

    // P0 and P1: the blinded, permuted digits of every comparison, to P2. dealt: P1's shares of the bits.
    private void SendBlinded(uint step, ReadOnlySpan<byte> dealt, Func<int, Comparand> comparand, int count)
    {
        var packed = new byte[checked(count * Digits.PackedBytes)];
        DigitStream? own = Self == P0 ? new DigitStream(_dealer.With2, step, StreamPart.Digits) : null;
        var multipliers = new DigitStream(_dealer.Both, step, StreamPart.Multipliers, isNonzero: true);
        var zeros = new DigitStream(_dealer.Both, step, StreamPart.ZeroDigits);
        var permutation = new PermutationStream(_dealer.Both, step, StreamPart.Permutation);
        byte[] digits = new byte[BlockElements * Digits.Count], s = new byte[digits.Length], z = new byte[digits.Length];
        for (int first = 0; first < count; first += BlockElements)
        {
            int n = Math.Min(BlockElements, count - first), length = n * Digits.Count;
            Span<byte> block = digits.AsSpan(0, length);
            multipliers.Read(first, s.AsSpan(0, length));
            zeros.Read(first, z.AsSpan(0, length));
            if (own is not null)
            {
                own.Read(first, block);
            }
            else
            {
                Digits.Unpack(dealt.Slice(first * Digits.PackedBytes, n * Digits.PackedBytes), block);
            }

            for (int i = 0; i < n; i++)
            {
                int at = i * Digits.Count;
                BlindedComparison.Blind(Self.Index, comparand(first + i), block.Slice(at, Digits.Count), s.AsSpan(at, Digits.Count), z.AsSpan(at, Digits.Count));
            }

            permutation.Apply(first, block);
            Digits.Pack(block, packed.AsSpan(first * Digits.PackedBytes));
        }

        _network.Send<byte>(P2, step, packed);
    }

    // P2: β' of every comparison.
    private ulong[] ReceiveComparisons(uint step, int count)
    {
        byte[] d0 = _network.Receive<byte>(P0, step, count * Digits.PackedBytes), d1 = _network.Receive<byte>(P1, step, count * Digits.PackedBytes);
        var result = new ulong[count];
        Span<byte> a = stackalloc byte[Digits.Count], b = stackalloc byte[Digits.Count];
        for (int i = 0; i < count; i++)
        {
            Digits.Unpack(d0.AsSpan(i * Digits.PackedBytes, Digits.PackedBytes), a);
            Digits.Unpack(d1.AsSpan(i * Digits.PackedBytes, Digits.PackedBytes), b);
            result[i] = Digits.HasZeroSum(a, b);
        }

        return result;
    }
}
