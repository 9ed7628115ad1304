namespace Pellicle.Tensors;

/// <summary>How the losses of the examples are combined; numbers as in libtorch.</summary>
public enum LossReduction
{
    /// <summary>One loss an example.</summary>
    None = 0,

    /// <summary>Mean; couples the examples, so never for per-example gradients.</summary>
    Mean = 1,

    /// <summary>Sum: the gradient of one example does not depend on the others.</summary>
    Sum = 2,
}
