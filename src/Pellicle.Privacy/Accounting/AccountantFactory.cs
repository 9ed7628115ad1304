using Pellicle.Core.Errors;

namespace Pellicle.Privacy.Accounting;

/// <summary>Makes the accountant that fits a kind, a way of sampling and a budget.</summary>
public static class AccountantFactory
{
    /// <summary>The neighbouring relation under which a way of sampling is analysed.</summary>
    /// <param name="sampling">How units are drawn.</param>
    public static NeighbouringRelation RelationOf(SamplingKind sampling) => sampling switch
    {
        SamplingKind.FixedSize => NeighbouringRelation.ReplaceOne,
        SamplingKind.Shuffled => NeighbouringRelation.ZeroOutOne,
        _ => NeighbouringRelation.AddOrRemoveOne,
    };

    /// <summary>Makes an accountant.</summary>
    /// <param name="kind">Which method.</param>
    /// <param name="sampling">Decides the neighbouring relation.</param>
    /// <param name="orders">Rényi orders; null or empty for the default list.</param>
    /// <param name="prv">Accuracy of the prv accountant; defaults if null.</param>
    /// <exception cref="UsageException">The method cannot analyse this sampling.</exception>
    public static PrivacyAccountant Create(AccountantKind kind, SamplingKind sampling, IReadOnlyList<double>? orders = null, PrvOptions? prv = null)
    {
        NeighbouringRelation relation = RelationOf(sampling);
        if (kind != AccountantKind.Rdp && (sampling == SamplingKind.FixedSize || (kind == AccountantKind.Gdp && sampling == SamplingKind.Shuffled)))
        {
            throw new UsageException($"the {kind.ToString().ToLowerInvariant()} accountant cannot analyse sampling '{sampling}'.", "Use --accountant rdp, or Poisson sampling (the default).");
        }

        return kind switch
        {
            AccountantKind.Rdp => new RdpAccountant(relation, orders is { Count: > 0 } ? orders : null),
            AccountantKind.Prv => new PrvAccountant(relation, prv),
            _ => new GdpAccountant(),
        };
    }
}
