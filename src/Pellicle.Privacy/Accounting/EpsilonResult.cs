namespace Pellicle.Privacy.Accounting;

/// <summary>What an accountant says about a history at one delta.</summary>
/// <param name="Epsilon">Upper bound on epsilon (for <see cref="GdpAccountant"/>: an approximation, no bound); positive infinity if there is no privacy.</param>
/// <param name="Lower">Lower bound on the true epsilon, or null if the accountant gives none.</param>
/// <param name="Estimate">Best guess of the true epsilon, or null.</param>
/// <param name="Delta">The delta at which all of this holds.</param>
/// <param name="Bound">Which bound gave <paramref name="Epsilon"/>.</param>
public sealed record EpsilonResult(double Epsilon, double? Lower, double? Estimate, double Delta, BoundKind Bound)
{
    /// <summary>The Rényi order that gave the bound, or null for other accountants.</summary>
    public double? BestOrder { get; init; }

    /// <summary>True if the best order is the smallest or largest of the list: a wider list may give a smaller epsilon.</summary>
    public bool OrderAtEdge { get; init; }

    /// <summary>Orders whose value did not converge and were left out.</summary>
    public IReadOnlyList<double> OmittedOrders { get; init; } = [];

    /// <summary>Half width of the stated interval (PRV), or null.</summary>
    public double? EpsilonError { get; init; }

    /// <summary>Remarks for the user; empty in the usual case.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    /// <summary>The result for an empty history.</summary>
    /// <param name="delta">The delta asked for.</param>
    public static EpsilonResult Zero(double delta) => new(0, 0, 0, delta, BoundKind.Exact);

    /// <summary>The result for a history without noise.</summary>
    /// <param name="delta">The delta asked for.</param>
    public static EpsilonResult Infinite(double delta) => new(double.PositiveInfinity, null, null, delta, BoundKind.Exact);
}

/// <summary>Where an epsilon comes from.</summary>
public enum BoundKind
{
    /// <summary>Rényi differential privacy, converted at the best order.</summary>
    Rdp,

    /// <summary>Privacy loss random variable rounded to a mesh, with stated error (Gopi, Lee, Wutschitz 2021).</summary>
    Prv,

    /// <summary>Privacy loss distribution with every loss rounded up: an upper bound by construction.</summary>
    PessimisticPld,

    /// <summary>Closed form of the Gaussian mechanism (Balle and Wang 2018, Theorem 8).</summary>
    Exact,

    /// <summary>Central limit approximation; no bound.</summary>
    Approximation,
}
