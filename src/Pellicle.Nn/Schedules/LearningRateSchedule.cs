namespace Pellicle.Nn.Schedules;

/// <summary>Learning rate as a pure function of the step number: private data cannot reach it.</summary>
public sealed record LearningRateSchedule
{
    /// <summary>Shape of the curve. Default constant.</summary>
    public ScheduleKind Kind { get; init; } = ScheduleKind.Constant;

    /// <summary>Highest rate, above or equal 0.</summary>
    public required double BaseRate { get; init; }

    /// <summary>Planned steps, at least 1. Later steps keep the last rate.</summary>
    public required long TotalSteps { get; init; }

    /// <summary>Steps of linear rise from 0 before the curve starts; at step s the rate is base·(s+1)/warm-up. Not used by one-cycle.</summary>
    public long WarmUpSteps { get; init; }

    /// <summary>Step: steps between drops. Default a third of the total.</summary>
    public long? DropEvery { get; init; }

    /// <summary>Step: factor of each drop, in (0, 1]. Default 0.1.</summary>
    public double DropFactor { get; init; } = 0.1;

    /// <summary>Cosine: share of the base rate at the end, in [0, 1]. Default 0.</summary>
    public double FinalShare { get; init; }

    /// <summary>One-cycle: share of the steps that rise. Default 0.3.</summary>
    public double RiseShare { get; init; } = 0.3;

    /// <summary>Rate of a step.</summary>
    /// <param name="step">0 for the first update.</param>
    /// <returns>Not negative.</returns>
    public double RateAt(long step)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(step);
        if (Kind == ScheduleKind.OneCycle)
        {
            return OneCycle(Math.Min(step, TotalSteps - 1));
        }

        if (step < WarmUpSteps)
        {
            return BaseRate * (step + 1) / WarmUpSteps;
        }

        long length = Math.Max(1, TotalSteps - WarmUpSteps);
        long position = Math.Min(step - WarmUpSteps, length);
        return Kind switch
        {
            ScheduleKind.Constant => BaseRate,
            ScheduleKind.Step => BaseRate * Math.Pow(DropFactor, position / Math.Max(1, DropEvery ?? (length / 3))),
            ScheduleKind.Cosine => BaseRate * (FinalShare + ((1 - FinalShare) * (1 + Math.Cos(Math.PI * position / length)) / 2)),
            _ => throw new InvalidOperationException($"Unknown schedule {Kind}."),
        };
    }

    // Smith and Topin 2018 in torch's two-phase cosine form: base/25 up to base, then down to base/250000.
    private double OneCycle(long step)
    {
        double peak = Math.Max(1, (RiseShare * TotalSteps) - 1);
        double start = BaseRate / 25;
        double end = start / 1e4;
        return step <= peak
            ? Anneal(start, BaseRate, step / peak)
            : Anneal(BaseRate, end, (step - peak) / Math.Max(1, TotalSteps - 1 - peak));
    }

    private static double Anneal(double from, double to, double share) => to + ((from - to) / 2 * (1 + Math.Cos(Math.PI * share)));
}

/// <summary>Curves of a <see cref="LearningRateSchedule"/>.</summary>
public enum ScheduleKind
{
    /// <summary>The same rate throughout.</summary>
    Constant,

    /// <summary>Drops by a factor at fixed distances.</summary>
    Step,

    /// <summary>Half a cosine wave down (Loshchilov and Hutter 2017, without restarts).</summary>
    Cosine,

    /// <summary>Up and down again (Smith and Topin 2018).</summary>
    OneCycle,
}
