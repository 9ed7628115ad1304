namespace Pellicle.Mpc.Protocols;

/// <summary>A protocol whose tensors have lengths and no values: running a program on it declares the messages of all parties.</summary>
public interface ICostModel : ITensorProtocol
{
    /// <summary>All messages declared so far.</summary>
    IReadOnlyList<DeclaredMessage> Messages { get; }
}
