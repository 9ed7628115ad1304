namespace Pellicle.Training.Configuration;

/// <summary>Accountants that a run may use. GDP is an approximation and therefore not among them.</summary>
public enum AccountantChoice
{
    /// <summary>Privacy loss distribution, with upper and lower bound.</summary>
    Prv,

    /// <summary>Rényi differential privacy.</summary>
    Rdp,
}
