namespace Pellicle.Nn.Optimizers;

/// <summary>Which update rule, and its constants. They are public: none may be computed from private data.</summary>
public sealed record OptimizerOptions
{
    /// <summary>The rule. Default SGD.</summary>
    public OptimizerKind Kind { get; init; } = OptimizerKind.Sgd;

    /// <summary>Share of the former direction that SGD and RMSProp keep, in [0, 1). Default 0.</summary>
    public double Momentum { get; init; }

    /// <summary>SGD looks ahead along the momentum (Nesterov 1983). Default false.</summary>
    public bool Nesterov { get; init; }

    /// <summary>Decay of the first moment (Adam), in [0, 1). Default 0.9.</summary>
    public double Beta1 { get; init; } = 0.9;

    /// <summary>Decay of the second moment (Adam), in [0, 1). Default 0.999.</summary>
    public double Beta2 { get; init; } = 0.999;

    /// <summary>Decay of the squared average (RMSProp), in [0, 1). Default 0.99.</summary>
    public double Smoothing { get; init; } = 0.99;

    /// <summary>Added to denominators, above 0. Null takes torch's default: 1e-8, for Adagrad 1e-10.</summary>
    public double? Epsilon { get; init; }

    /// <summary>Pull towards zero, not negative. Default 0. It acts on the parameters in the update, after the noise; it is never part of a unit gradient.</summary>
    public double WeightDecay { get; init; }

    /// <summary>Checks all values.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A value is outside its range.</exception>
    public void Validate()
    {
        InUnitInterval(Momentum, nameof(Momentum));
        InUnitInterval(Beta1, nameof(Beta1));
        InUnitInterval(Beta2, nameof(Beta2));
        InUnitInterval(Smoothing, nameof(Smoothing));
        if (!(WeightDecay >= 0) || !double.IsFinite(WeightDecay))
        {
            throw new ArgumentOutOfRangeException(nameof(WeightDecay), WeightDecay, "Expected a finite value of at least 0.");
        }

        if (Epsilon is { } epsilon && !(epsilon > 0 && double.IsFinite(epsilon)))
        {
            throw new ArgumentOutOfRangeException(nameof(Epsilon), epsilon, "Expected a finite value above 0.");
        }

        if (Nesterov && Momentum == 0)
        {
            throw new ArgumentOutOfRangeException(nameof(Momentum), Momentum, "Nesterov needs a momentum above 0.");
        }
    }

    private static void InUnitInterval(double value, string name)
    {
        if (!(value >= 0 && value < 1))
        {
            throw new ArgumentOutOfRangeException(name, value, "Expected a value of at least 0 and below 1.");
        }
    }
}

/// <summary>Update rules.</summary>
public enum OptimizerKind
{
    /// <summary>Gradient descent with optional momentum.</summary>
    Sgd,

    /// <summary>Kingma and Ba 2015; weight decay is added to the gradient.</summary>
    Adam,

    /// <summary>Loshchilov and Hutter 2019; weight decay is decoupled.</summary>
    AdamW,

    /// <summary>Duchi et al. 2011.</summary>
    Adagrad,

    /// <summary>Tieleman and Hinton 2012.</summary>
    RmsProp,
}
