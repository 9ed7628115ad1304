namespace Pellicle.Core.Random;

/// <summary>Unpredictable bytes for noise, sampling, keys, masks and shares. Never interchangeable with <see cref="ISeededRandom"/>.</summary>
public interface ISecureRandom
{
    /// <summary>Fills the destination with independent uniform bytes.</summary>
    /// <param name="destination">Any length, zero included.</param>
    void Fill(Span<byte> destination);
}
