namespace Pellicle.Training.Configuration;

/// <summary>Update rules that <c>--optimizer</c> offers.</summary>
public enum OptimizerChoice
{
    /// <summary>Stochastic gradient descent, with momentum if asked for.</summary>
    Sgd,

    /// <summary>Adam.</summary>
    Adam,

    /// <summary>Adam with decoupled weight decay.</summary>
    Adamw,

    /// <summary>Adagrad.</summary>
    Adagrad,

    /// <summary>RMSProp.</summary>
    Rmsprop,
}
