namespace Pellicle.Mpc.Protocols.SecureNn;

/// <summary>What a random stream of a step is for. Both holders of a key name it the same way; digit and permutation streams take the next number as well.</summary>
internal static class StreamPart
{
    public const uint MaskA = 0;
    public const uint MaskB = 1;
    public const uint Product = 2;
    public const uint ZeroShare = 3;
    public const uint ZeroShareOfProduct = 4;
    public const uint Mask0 = 5;
    public const uint Mask1 = 6;
    public const uint Flip = 7;
    public const uint Wrap = 8;
    public const uint Compared = 9;
    public const uint LowBit = 10;
    public const uint Digits = 16;
    public const uint Multipliers = 18;
    public const uint ZeroDigits = 20;
    public const uint Permutation = 22;
}
