namespace Pellicle.Formats.Npy;

/// <summary>How an array is laid out in a file that is written.</summary>
public sealed record NpyLayout
{
    private readonly int _version = 1;

    /// <summary>True to write the most significant byte first.</summary>
    public bool IsBigEndian { get; init; }

    /// <summary>True to write with the first index varying fastest.</summary>
    public bool IsFortranOrder { get; init; }

    /// <summary>Format version, 1 to 3; all readers know version 1.</summary>
    public int Version
    {
        get => _version;
        init
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, 1);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(value, 3);
            _version = value;
        }
    }
}
