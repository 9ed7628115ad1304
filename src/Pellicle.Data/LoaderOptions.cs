namespace Pellicle.Data;

/// <summary>How an <see cref="ImageLoader"/> uses the machine. Changes speed and memory only, never a pixel.</summary>
public sealed record LoaderOptions
{
    /// <summary>Background threads that decode, at least 1.</summary>
    public int Threads { get; init; } = 2;

    /// <summary>Most bytes of resized pictures that are kept for the next time; 0 keeps none.</summary>
    public long CacheBytes { get; init; } = 1L << 30;

    /// <summary>Most pictures that wait for <see cref="ImageLoader.Fill"/> after <see cref="ImageLoader.Prefetch"/>; the oldest are dropped.</summary>
    public int PrefetchImages { get; init; } = 4096;
}
