namespace Pellicle.Data.Preparation;

/// <summary>What <c>data prepare</c> is asked to do.</summary>
public sealed record PrepareRequest
{
    /// <summary>Source text, as for <see cref="ImageDataset.Open"/>.</summary>
    public required string Source { get; init; }

    /// <summary>Columns, splits, window, limits.</summary>
    public DatasetOptions Options { get; init; } = new();

    /// <summary>Folder to write; must not exist unless <see cref="Replace"/>.</summary>
    public required string OutFolder { get; init; }

    /// <summary>Side of the pictures in pixels, 1 to 4,096.</summary>
    public int ImageSize { get; init; } = 224;

    /// <summary>Write one channel, whatever the pictures have; otherwise as many as the first picture has.</summary>
    public bool Grayscale { get; init; }

    /// <summary>Replace a folder that an earlier call wrote.</summary>
    public bool Replace { get; init; }

    /// <summary>Threads that decode, at least 1.</summary>
    public int Threads { get; init; } = 2;

    /// <summary>Most bytes of one shard.</summary>
    public int ShardBytes { get; init; } = 64 << 20;
}
