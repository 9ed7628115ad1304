using Pellicle.Mpc.Channels;
using Pellicle.Mpc.Core;

namespace Pellicle.Mpc.Protocols.SecureNn;

/// <summary>Rounds and bytes of <see cref="SecureNnProtocol"/>, declared message by message, for all three parties at once.</summary>
public sealed class SecureNnCost : ICostModel
{
    private readonly MessageLedger _ledger = new();

    /// <inheritdoc/>
    public PartyId Self => new(0);

    /// <inheritdoc/>
    public ThreatModel ThreatModel => ThreatModel.OneCuriousServerOfTwoAndHelper;

    /// <inheritdoc/>
    public Traffic Traffic => _ledger.Traffic;

    /// <inheritdoc/>
    public IReadOnlyList<DeclaredMessage> Messages => _ledger.Messages;

    /// <inheritdoc/>
    public SharedTensor Constant(ulong[] values)
    {
        ArgumentNullException.ThrowIfNull(values);
        return Of(values.Length);
    }

    /// <inheritdoc/>
    public SharedTensor AddPublic(SharedTensor x, ulong[] values)
    {
        ArgumentNullException.ThrowIfNull(x);
        return Of(x.Count);
    }

    /// <inheritdoc/>
    public SharedTensor Linear(LinearMap map, SharedTensor weight, SharedTensor input, SharedTensor? bias, int truncate)
    {
        ArgumentNullException.ThrowIfNull(map);
        ArgumentNullException.ThrowIfNull(weight);
        ArgumentNullException.ThrowIfNull(input);
        return Product("product", 8L * (input.Count + (weight.Masked is null ? weight.Count : 0)), map.OutputCount);
    }

    /// <inheritdoc/>
    public SharedTensor MultiplySum(SharedTensor x, SharedTensor y, int count, int[]? target, int truncate)
    {
        ArgumentNullException.ThrowIfNull(x);
        return Product("product", 16L * x.Count, count);
    }

    /// <inheritdoc/>
    public SharedTensor Truncate(SharedTensor x, int bits)
    {
        ArgumentNullException.ThrowIfNull(x);
        return Of(x.Count);
    }

    /// <inheritdoc/>
    public SharedBits IsNonNegative(SharedTensor x, int signWidth)
    {
        ArgumentNullException.ThrowIfNull(x);
        _ledger.Kind = "sign";
        long n = x.Count, word = 8 * n, digits = Digits.PackedBytes * n;

        // P0 gets nothing from P2: all it sends before ρ of P1 comes leaves at once.
        uint material = _ledger.Send(2, 1, digits + (2 * word));
        uint masked0 = _ledger.Send(0, 2, word), d0 = _ledger.Send(0, 2, digits), rho0 = _ledger.Send(0, 1, word), masked1 = _ledger.Send(1, 2, word);
        _ledger.Arrive(2, masked0);
        _ledger.Arrive(2, masked1);
        uint bits = _ledger.Send(2, 1, digits + word);
        _ledger.Arrive(1, material);
        _ledger.Arrive(1, bits);
        uint d1 = _ledger.Send(1, 2, digits);
        _ledger.Arrive(2, d0);
        _ledger.Arrive(2, d1);
        _ledger.Exchange((2, 1, word));
        uint rho1 = _ledger.Send(1, 0, word);
        _ledger.Arrive(1, rho0);
        _ledger.Arrive(0, rho1);
        uint second0 = _ledger.Send(0, 2, digits), second1 = _ledger.Send(1, 2, digits), opened0 = _ledger.Send(0, 1, 2 * word);
        _ledger.Arrive(2, second0);
        _ledger.Arrive(2, second1);
        _ledger.Exchange((2, 1, word));
        uint opened1 = _ledger.Send(1, 0, 2 * word);
        _ledger.Arrive(1, opened0);
        _ledger.Arrive(0, opened1);
        return new SharedBits(x.Count, []);
    }

    /// <inheritdoc/>
    public SharedTensor SelectShare(SharedBits bits, SharedTensor x)
    {
        ArgumentNullException.ThrowIfNull(x);
        return Product("select", 16L * x.Count, x.Count);
    }

    /// <inheritdoc/>
    public SharedTensor BitToArithmetic(SharedBits bits)
    {
        ArgumentNullException.ThrowIfNull(bits);
        return Of(bits.Count);
    }

    private SharedTensor Product(string kind, long openedBytes, int results)
    {
        _ledger.Kind = kind;
        uint dealt = _ledger.Send(2, 1, 8L * results);
        _ledger.Exchange((0, 1, openedBytes), (1, 0, openedBytes));
        _ledger.Arrive(1, dealt);
        return Of(results);
    }

    private static SharedTensor Of(int n) => new(n, []);
}
