using System.Security.Cryptography;

namespace Pellicle.Core.Random;

/// <summary>The operating system's cryptographic generator.</summary>
public sealed class SystemSecureRandom : ISecureRandom
{
    /// <inheritdoc/>
    public void Fill(Span<byte> destination) => RandomNumberGenerator.Fill(destination);
}
