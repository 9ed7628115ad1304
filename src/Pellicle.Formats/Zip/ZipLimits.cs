namespace Pellicle.Formats.Zip;

/// <summary>What an archive may claim before it is refused as hostile.</summary>
public sealed record ZipLimits
{
    /// <summary>The usual limits: a million files, 2 GiB each, 256 GiB together.</summary>
    public static ZipLimits Default { get; } = new();

    /// <summary>Largest number of entries.</summary>
    public int MaxEntries { get; init; } = 1_000_000;

    /// <summary>Largest size of one entry after decompression, in bytes; at most what one array holds.</summary>
    public long MaxEntryBytes { get; init; } = Array.MaxLength;

    /// <summary>Largest size of all entries together after decompression, in bytes.</summary>
    public long MaxTotalBytes { get; init; } = 256L << 30;

    /// <summary>Largest ratio of decompressed to compressed size, for entries above <see cref="RatioFreeBytes"/>.</summary>
    public double MaxRatio { get; init; } = 200;

    /// <summary>Entries up to this size may have any ratio that the method can reach: small constant arrays compress very well.</summary>
    public long RatioFreeBytes { get; init; } = 64L << 20;
}
