using Pellicle.Core.Random;
using Pellicle.Mpc.Core;

namespace Pellicle.Mpc.Protocols;

/// <summary>How a protocol splits a secret among the three parties and puts it together again: what client and model owner do.</summary>
public abstract class ShareScheme
{
    /// <summary>Splits values.</summary>
    /// <param name="values">Ring elements.</param>
    /// <param name="random">The cryptographic generator.</param>
    /// <returns>The parts of P0, P1, P2.</returns>
    public abstract SharedTensor[] Split(ReadOnlySpan<ulong> values, ISecureRandom random);

    /// <summary>Puts values together.</summary>
    /// <param name="parts">The parts of P0, P1, P2.</param>
    /// <exception cref="Pellicle.Core.Errors.ProtocolException">Two copies of the same slot differ.</exception>
    public abstract ulong[] Combine(IReadOnlyList<SharedTensor> parts);
}
