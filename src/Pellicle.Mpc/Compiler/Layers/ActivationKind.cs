namespace Pellicle.Mpc.Compiler.Layers;

/// <summary>Functions of one element.</summary>
public enum ActivationKind
{
    /// <summary>max(x, 0), exact.</summary>
    Relu,

    /// <summary>tanh x, approximated.</summary>
    Tanh,

    /// <summary>1 / (1 + e^-x), approximated.</summary>
    Sigmoid,

    /// <summary>x · Φ(x), approximated.</summary>
    Gelu,
}
