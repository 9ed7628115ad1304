using Pellicle.Nn.Optimizers;
using Pellicle.Nn.Schedules;
using Pellicle.Training.Configuration;

namespace Pellicle.Training.Steps;

/// <summary>From the names of settings to the objects that do the work.</summary>
internal static class TrainChoices
{
    public static OptimizerOptions Optimizer(TrainSection train) => new()
    {
        Kind = train.Optimizer switch
        {
            OptimizerChoice.Sgd => OptimizerKind.Sgd,
            OptimizerChoice.Adam => OptimizerKind.Adam,
            OptimizerChoice.Adagrad => OptimizerKind.Adagrad,
            OptimizerChoice.Rmsprop => OptimizerKind.RmsProp,
            _ => OptimizerKind.AdamW,
        },
        Momentum = train.Momentum,
        Nesterov = train.Nesterov,
        WeightDecay = train.WeightDecay,
    };

    public static LearningRateSchedule Schedule(TrainSection train, long steps) => new()
    {
        Kind = train.Schedule switch
        {
            ScheduleChoice.Step => ScheduleKind.Step,
            ScheduleChoice.Cosine => ScheduleKind.Cosine,
            ScheduleChoice.OneCycle => ScheduleKind.OneCycle,
            // The plateau is a factor on the constant rate.
            _ => ScheduleKind.Constant,
        },
        BaseRate = train.Lr,
        TotalSteps = steps,
        WarmUpSteps = train.Warmup,
    };
}
