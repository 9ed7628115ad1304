using Pellicle.Mpc.Core;

namespace Pellicle.Mpc.Protocols.SecureNn;

/// <summary>Rounds and bytes of <see cref="SecureNnProtocol"/>, declared message by message, for all three parties at once.</summary>
public sealed class SecureNnCost : CostModel
{
    /// <inheritdoc/>
    public override ThreatModel ThreatModel => ThreatModel.OneCuriousServerOfTwoAndHelper;

    /// <inheritdoc/>
    public override SharedTensor AddPublic(SharedTensor x, ulong[] values)
    {
        ArgumentNullException.ThrowIfNull(x);
        return Of(x.Count);
    }

    /// <inheritdoc/>
    public override SharedTensor Linear(LinearMap map, SharedTensor weight, SharedTensor input, SharedTensor? bias, int truncate)
    {
        ArgumentNullException.ThrowIfNull(map);
        ArgumentNullException.ThrowIfNull(weight);
        ArgumentNullException.ThrowIfNull(input);
        return Product("product", 8L * (input.Count + (weight.Form is null ? weight.Count : 0)), map.OutputCount);
    }

    /// <inheritdoc/>
    public override SharedTensor MultiplySum(SharedTensor x, SharedTensor y, int count, int[]? target, int truncate)
    {
        ArgumentNullException.ThrowIfNull(x);
        return Product("product", 16L * x.Count, count);
    }

    /// <inheritdoc/>
    public override SharedTensor Truncate(SharedTensor x, int bits)
    {
        ArgumentNullException.ThrowIfNull(x);
        return Of(x.Count);
    }

    /// <inheritdoc/>
    public override SharedBits IsNonNegative(SharedTensor x, int signWidth)
    {
        ArgumentNullException.ThrowIfNull(x);
        Ledger.Kind = "sign";
        long n = x.Count, word = 8 * n, digits = Digits.PackedBytes * n;

        // P0 gets nothing from P2: all it sends before ρ of P1 comes leaves at once.
        uint material = Ledger.Send(2, 1, digits + (2 * word));
        uint masked0 = Ledger.Send(0, 2, word), d0 = Ledger.Send(0, 2, digits), rho0 = Ledger.Send(0, 1, word), masked1 = Ledger.Send(1, 2, word);
        Ledger.Arrive(2, masked0);
        Ledger.Arrive(2, masked1);
        uint bits = Ledger.Send(2, 1, digits + word);
        Ledger.Arrive(1, material);
        Ledger.Arrive(1, bits);
        uint d1 = Ledger.Send(1, 2, digits);
        Ledger.Arrive(2, d0);
        Ledger.Arrive(2, d1);
        Ledger.Exchange((2, 1, word));
        uint rho1 = Ledger.Send(1, 0, word);
        Ledger.Arrive(1, rho0);
        Ledger.Arrive(0, rho1);
        uint second0 = Ledger.Send(0, 2, digits), second1 = Ledger.Send(1, 2, digits), opened0 = Ledger.Send(0, 1, 2 * word);
        Ledger.Arrive(2, second0);
        Ledger.Arrive(2, second1);
        Ledger.Exchange((2, 1, word));
        uint opened1 = Ledger.Send(1, 0, 2 * word);
        Ledger.Arrive(1, opened0);
        Ledger.Arrive(0, opened1);
        return new SharedBits(x.Count, []);
    }

    /// <inheritdoc/>
    public override SharedTensor SelectShare(SharedBits bits, SharedTensor x)
    {
        ArgumentNullException.ThrowIfNull(x);
        return Product("select", 16L * x.Count, x.Count);
    }

    /// <inheritdoc/>
    public override SharedTensor BitToArithmetic(SharedBits bits)
    {
        ArgumentNullException.ThrowIfNull(bits);
        return Of(bits.Count);
    }

    private SharedTensor Product(string kind, long openedBytes, int results)
    {
        Ledger.Kind = kind;
        uint dealt = Ledger.Send(2, 1, 8L * results);
        Ledger.Exchange((0, 1, openedBytes), (1, 0, openedBytes));
        Ledger.Arrive(1, dealt);
        return Of(results);
    }
}
