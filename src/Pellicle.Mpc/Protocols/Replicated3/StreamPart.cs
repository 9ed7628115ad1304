namespace Pellicle.Mpc.Protocols.Replicated3;

/// <summary>What a random stream of a step is for. Both holders of a key name it the same way.</summary>
internal static class StreamPart
{
    public const uint ZeroMask = 0;
    public const uint SplitSlot = 1;
    public const uint WrapLane = 2;
    public const uint LaneMask0 = 3;
    public const uint LaneMask1 = 4;
    public const uint Planes = 5;
    public const uint Mask0 = 6;
    public const uint Mask1 = 7;
    public const uint Mask2 = 8;
    public const uint Mask3 = 9;
    public const uint Product = 10;

    /// <summary>Masks of the levels of the carry tree: Level + 0, 1, 2, …</summary>
    public const uint Level = 16;
}
