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

    /// <summary>x from 0 on, e^x - 1 below, approximated.</summary>
    Elu,

    /// <summary>1.0507 · x from 0 on, 1.7581 · (e^x - 1) below, approximated.</summary>
    Selu,

    /// <summary>ln(1 + e^x), approximated.</summary>
    Softplus,
}
