namespace Pellicle.Privacy.Noise;

/// <summary>A seed that replaces the secure key, given by <c>--insecure-seed</c> only. A run with it has no guarantee against anyone who knows or guesses the seed.</summary>
/// <param name="Value">Any value; equal seeds give equal noise.</param>
public sealed record InsecureSeed(ulong Value)
{
    /// <summary>Says what this is, not the value.</summary>
    public override string ToString() => "InsecureSeed (64 bits)";
}
