namespace Pellicle.Formats.Onnx.Execution;

/// <summary>What an operator means in an encrypted graph: which operands may be secret, and what that costs.</summary>
public enum OnnxEncryptedUse
{
    /// <summary>No rule: the operator runs in the clear only.</summary>
    None,

    /// <summary>All operands must be public; it vanishes when constants are folded.</summary>
    PublicOnly,

    /// <summary>Additions and moves of elements: no messages.</summary>
    Local,

    /// <summary>Products with weights or of two secrets: one round.</summary>
    Linear,

    /// <summary>Comparisons or approximations: several rounds.</summary>
    Nonlinear,
}
