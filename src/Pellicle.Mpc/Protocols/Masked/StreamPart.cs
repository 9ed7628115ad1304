namespace Pellicle.Mpc.Protocols.Masked;

/// <summary>What a random stream of a step is for. Both holders of a key name it the same way.</summary>
internal static class StreamPart
{
    public const uint Product = 0;
    public const uint Shifted = 1;
    public const uint Wrap = 2;
    public const uint CarryMaterial = 3;
    public const uint LeafMasks = 4;
    public const uint GroupMasks = 5;
    public const uint BitMask = 6;
    public const uint Bit = 7;
    public const uint BitProduct = 8;
    public const uint BitWrap = 9;

    /// <summary>Masks of the tensors that a step opens: Mask + 0, 1.</summary>
    public const uint Mask = 16;
}
