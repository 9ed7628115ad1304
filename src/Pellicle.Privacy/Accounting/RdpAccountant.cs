using System.Collections.Immutable;

namespace Pellicle.Privacy.Accounting;

/// <summary>Accountant by Rényi differential privacy: an upper bound, fast, exactly additive over steps.</summary>
/// <remarks>Mironov 2017; Poisson sampling by Mironov, Talwar, Zhang 2019; fixed-size sampling by Wang, Balle, Kasiviswanathan
/// 2019; conversion by Balle et al. 2020 and Canonne, Kamath, Steinke 2020: ε = rdp − (ln δ + ln α)/(α − 1) + ln((α−1)/α),
/// smallest over the orders, at least 0. One step's divergences are kept per distinct event.</remarks>
public sealed class RdpAccountant : PrivacyAccountant
{
    private readonly Dictionary<MechanismEvent, double[]> _perStep = [];

    /// <summary>Makes the accountant.</summary>
    /// <param name="relation">Add-or-remove-one for Poisson sampling, replace-one for fixed-size sampling, zero-out-one for shuffled epochs.</param>
    /// <param name="orders">Orders above 1; <see cref="RdpOrders.Default"/> if null. Exactly these are used.</param>
    public RdpAccountant(NeighbouringRelation relation = NeighbouringRelation.AddOrRemoveOne, IReadOnlyList<double>? orders = null)
        : base(relation)
    {
        Orders = orders is null ? RdpOrders.Default : [.. orders.Distinct().Order()];
        if (Orders.IsEmpty || !(Orders[0] > 1) || !double.IsFinite(Orders[^1]))
        {
            throw new ArgumentOutOfRangeException(nameof(orders), "At least one order is needed, and every order must be finite and above 1.");
        }
    }

    /// <summary>The orders in use, ascending.</summary>
    public ImmutableArray<double> Orders { get; }

    /// <inheritdoc/>
    public override string Name => "rdp";

    /// <inheritdoc/>
    public override string Version => "rdp-1";

    /// <summary>RDP of one event at every order of <see cref="Orders"/>; NaN where it did not converge.</summary>
    /// <param name="mechanism">A supported event.</param>
    public IReadOnlyList<double> RdpOf(MechanismEvent mechanism)
    {
        ThrowIfRefused(mechanism);
        return PerStep(mechanism);
    }

    /// <summary>RDP of a history at every order of <see cref="Orders"/>: the sum over its events.</summary>
    /// <param name="history">Supported events.</param>
    public double[] RdpOf(PrivacyHistory history)
    {
        ArgumentNullException.ThrowIfNull(history);
        foreach (PrivacyPhase phase in history.Phases)
        {
            ThrowIfRefused(phase.Event);
        }

        return Compose(history.DistinctPhases());
    }

    /// <summary>The conversion used before 2020, ε = rdp + ln(1/δ)/(α − 1): larger; for comparison with older reports only.</summary>
    /// <param name="history">Supported events.</param>
    /// <param name="delta">In (0, 1).</param>
    public EpsilonResult EpsilonByOldConversion(PrivacyHistory history, double delta) =>
        Best(RdpOf(history), delta, static (rdp, order, delta) => rdp - Math.Log(delta) / (order - 1));

    /// <summary>Converts divergences to epsilon at one delta.</summary>
    /// <param name="rdp">One value per order of <see cref="Orders"/>; NaN is left out.</param>
    /// <param name="delta">In (0, 1).</param>
    public EpsilonResult Convert(ReadOnlySpan<double> rdp, double delta) =>
        Best(rdp, delta, static (rdp, order, delta) => rdp - (Math.Log(delta) + Math.Log(order)) / (order - 1) + LogSpace.Log1P(-1 / order));

    private protected override IReadOnlyList<EpsilonResult> CurveCore(IReadOnlyList<PrivacyPhase> phases, IReadOnlyList<double> deltas)
    {
        double[] rdp = Compose(phases);
        return [.. deltas.Select(delta => Convert(rdp, delta))];
    }

    private protected override string? ReasonToRefuse(MechanismEvent mechanism) =>
        mechanism.Sampling == SamplingKind.FixedSize
            ? Relation == NeighbouringRelation.ReplaceOne ? null : "fixed-size sampling goes with replace-one"
            : base.ReasonToRefuse(mechanism);

    private double[] Compose(IReadOnlyList<PrivacyPhase> phases)
    {
        double[] total = new double[Orders.Length];
        foreach (PrivacyPhase phase in phases)
        {
            double[] step = PerStep(phase.Event);
            for (int i = 0; i < total.Length; i++)
            {
                total[i] += phase.Steps * step[i];
            }
        }

        return total;
    }

    private double[] PerStep(MechanismEvent mechanism)
    {
        if (!_perStep.TryGetValue(mechanism, out double[]? rdp))
        {
            rdp = [.. Orders.Select(order => mechanism.Sampling == SamplingKind.FixedSize
                ? FixedSizeGaussianRdp.AtOrder(mechanism.SampleRate, mechanism.NoiseMultiplier, order)
                : PoissonGaussianRdp.AtOrder(mechanism.SampleRate, mechanism.NoiseMultiplier, order))];
            _perStep[mechanism] = rdp;
        }

        return rdp;
    }

    private EpsilonResult Best(ReadOnlySpan<double> rdp, double delta, Func<double, double, double, double> convert)
    {
        int best = -1;
        double epsilon = double.PositiveInfinity;
        var omitted = new List<double>();
        for (int i = 0; i < Orders.Length; i++)
        {
            if (double.IsNaN(rdp[i]))
            {
                omitted.Add(Orders[i]);
                continue;
            }

            double value = Math.Max(0, convert(rdp[i], Orders[i], delta));
            if (value < epsilon)
            {
                epsilon = value;
                best = i;
            }
        }

        bool atEdge = best >= 0 && (best == 0 || best == Orders.Length - 1) && epsilon > 0;
        var notes = new List<string>();
        if (atEdge)
        {
            notes.Add(FormattableString.Invariant($"the best Rényi order {Orders[best]} is at the edge of the order list; a wider list, or the prv accountant, may give a smaller epsilon"));
        }

        if (omitted.Count > 0)
        {
            notes.Add($"Rényi orders that did not converge were left out: {string.Join(", ", omitted)}");
        }

        return new EpsilonResult(epsilon, null, null, delta, BoundKind.Rdp)
        {
            BestOrder = best < 0 ? null : Orders[best],
            OrderAtEdge = atEdge,
            OmittedOrders = omitted,
            Notes = notes,
        };
    }
}
