using Pellicle.Nn;

namespace Pellicle.Training.Configuration;

/// <summary>Section <c>train</c>: how the model is trained.</summary>
public sealed record TrainSection
{
    /// <summary>Expected (logical) batch size L in units, at least 1; the public divisor of the noisy sum.</summary>
    public int Batch { get; init; } = 256;

    /// <summary>Images computed at once; null chooses by memory. Never affects privacy.</summary>
    public int? PhysicalBatch { get; init; }

    /// <summary>Most memory for features of a frozen part, MiB; 0 computes them in every step, null chooses. Never affects privacy.</summary>
    public int? FeatureCache { get; init; }

    /// <summary>Passes over the data, &gt; 0; null if <see cref="Steps"/> is given.</summary>
    public double? Epochs { get; init; } = 20;

    /// <summary>Steps, at least 1; null if <see cref="Epochs"/> is given.</summary>
    public long? Steps { get; init; }

    /// <summary>Number format of the operands of matrix products. Part of the guarantee's plan; evaluation runs in float32.</summary>
    public ProductPrecision Precision { get; init; } = ProductPrecision.Float32;

    /// <summary>Update rule.</summary>
    public OptimizerChoice Optimizer { get; init; } = OptimizerChoice.Adamw;

    /// <summary>Learning rate at its highest, &gt; 0.</summary>
    public double Lr { get; init; } = 1e-3;

    /// <summary>Momentum of sgd and rmsprop, in [0, 1).</summary>
    public double Momentum { get; init; }

    /// <summary>Nesterov's form of momentum (sgd).</summary>
    public bool Nesterov { get; init; }

    /// <summary>Weight decay, at least 0; acts on parameters after the noise.</summary>
    public double WeightDecay { get; init; }

    /// <summary>How the learning rate changes over the steps.</summary>
    public ScheduleChoice Schedule { get; init; } = ScheduleChoice.Constant;

    /// <summary>Steps over which the learning rate rises linearly at the start, at least 0.</summary>
    public long Warmup { get; init; }

    /// <summary>Public weight of each class in the loss, in class order; empty for 1 each.</summary>
    public SettingList<double> ClassWeights { get; init; } = [];

    /// <summary>Draw classes equally often, with replacement, n draws an epoch; ordinary training only.</summary>
    public bool ClassBalance { get; init; }

    /// <summary>Draw the hospitals of merged releases equally often; ordinary training only.</summary>
    public bool SourceBalance { get; init; }

    /// <summary>What tells a good epoch, on the validation split.</summary>
    public TuningMetric TuningMetric { get; init; } = TuningMetric.Loss;

    /// <summary>The model is that of the best epoch by <see cref="TuningMetric"/>, not of the last; ordinary training only.</summary>
    public bool KeepBest { get; init; }

    /// <summary>Plateau schedule: epochs without a better <see cref="TuningMetric"/> before the rate falls, at least 1.</summary>
    public int Patience { get; init; } = 10;

    /// <summary>Plateau schedule: factor on the rate, in (0, 1).</summary>
    public double PlateauFactor { get; init; } = 0.1;

    /// <summary>Random changes of each image: <c>none</c>, or a list such as <c>flip,shift,rotate,crop,color</c>.</summary>
    public string Augment { get; init; } = "none";

    /// <summary>K: augmented views of each image, averaged inside its gradient before clipping; at least 1.</summary>
    public int AugmentMultiplicity { get; init; } = 1;

    /// <summary>Decay of the moving average of the parameters that becomes the model, in [0, 1); null for the parameters of the last step.</summary>
    public double? Ema { get; init; }
}
