namespace Pellicle.Mpc.Protocols;

/// <summary>A message that a protocol's cost model declares.</summary>
/// <param name="From">Index of the sender.</param>
/// <param name="To">Index of the receiver.</param>
/// <param name="Kind">What it is for: reshare, truncate, sign, select or bit.</param>
/// <param name="Bytes">Header included.</param>
public sealed record DeclaredMessage(int From, int To, string Kind, long Bytes);
