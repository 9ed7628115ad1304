namespace Pellicle.Mpc.Core;

/// <summary>A summand that another party has sent and that is taken in at the first use of the value.</summary>
public interface ILateTerm
{
    /// <summary>True once it was taken in.</summary>
    bool IsSettled { get; }

    /// <summary>Takes it in; does nothing the second time.</summary>
    void Settle();
}
