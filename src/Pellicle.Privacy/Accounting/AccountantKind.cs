namespace Pellicle.Privacy.Accounting;

/// <summary>Which accountant judges a run or a plan.</summary>
public enum AccountantKind
{
    /// <summary>Privacy loss random variables: tight, with stated error.</summary>
    Prv,

    /// <summary>Rényi differential privacy.</summary>
    Rdp,

    /// <summary>Central limit approximation: for plans only, never for a run.</summary>
    Gdp,
}
