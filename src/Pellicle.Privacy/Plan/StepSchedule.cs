using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Pellicle.Core.Errors;

namespace Pellicle.Privacy.Plan;

/// <summary>How a value (noise multiplier, clipping bound) changes from epoch to epoch: a factor on its first value.</summary>
/// <remarks>Depends on the epoch number only, which is public. Constant within an epoch, so that accounting has one phase per change.</remarks>
public sealed record StepSchedule
{
    /// <summary>How the factor is made.</summary>
    public ScheduleKind Kind { get; init; } = ScheduleKind.Constant;

    /// <summary>Exponential: factor per epoch. Step: factor per stage. Above 0.</summary>
    public double Gamma { get; init; } = 1;

    /// <summary>Step: epochs per stage, at least 1.</summary>
    public int EveryEpochs { get; init; } = 1;

    /// <summary>Table: the factor of each epoch; the last one goes on.</summary>
    public IReadOnlyList<double> Table { get; init; } = [];

    /// <summary>The factor of an epoch.</summary>
    /// <param name="epoch">From 0.</param>
    public double FactorAt(long epoch) => Kind switch
    {
        ScheduleKind.Exponential => Math.Pow(Gamma, epoch),
        ScheduleKind.Step => Math.Pow(Gamma, epoch / EveryEpochs),
        ScheduleKind.Table => Table[(int)Math.Min(epoch, Table.Count - 1)],
        _ => 1,
    };

    /// <summary>Reads a schedule as options write it: "constant", "exponential:0.9", "step:0.5:10" (factor, epochs per stage) or "table:1,0.8,0.6".</summary>
    /// <param name="text">The text.</param>
    /// <param name="schedule">The schedule if the result is true.</param>
    /// <returns>False for any other text, and for factors that are not above 0.</returns>
    public static bool TryParse(string? text, [NotNullWhen(true)] out StepSchedule? schedule)
    {
        string[] parts = (text ?? "").Split(':');
        bool ok = double.TryParse(parts.ElementAtOrDefault(1), NumberStyles.Float, CultureInfo.InvariantCulture, out double gamma);
        schedule = (parts[0], parts.Length) switch
        {
            ("constant", 1) => new StepSchedule(),
            ("exponential", 2) when ok => new StepSchedule { Kind = ScheduleKind.Exponential, Gamma = gamma },
            ("step", 3) when ok && int.TryParse(parts[2], NumberStyles.None, CultureInfo.InvariantCulture, out int every) => new StepSchedule { Kind = ScheduleKind.Step, Gamma = gamma, EveryEpochs = every },
            ("table", 2) => new StepSchedule { Kind = ScheduleKind.Table, Table = [.. parts[1].Split(',').Select(f => double.TryParse(f, NumberStyles.Float, CultureInfo.InvariantCulture, out double factor) ? factor : double.NaN)] },
            _ => null,
        };
        if (schedule?.Check("").Any() == true)
        {
            schedule = null;
        }

        return schedule is not null;
    }

    /// <summary>The schedule as <see cref="TryParse"/> reads it.</summary>
    public override string ToString() => Kind switch
    {
        ScheduleKind.Exponential => FormattableString.Invariant($"exponential:{Gamma:R}"),
        ScheduleKind.Step => FormattableString.Invariant($"step:{Gamma:R}:{EveryEpochs}"),
        ScheduleKind.Table => "table:" + string.Join(",", Table.Select(f => f.ToString("R", CultureInfo.InvariantCulture))),
        _ => "constant",
    };

    /// <summary>Lists what is wrong with the values.</summary>
    /// <param name="where">Name of the option.</param>
    public IEnumerable<Problem> Check(string where)
    {
        if (!(Gamma > 0 && double.IsFinite(Gamma)) || EveryEpochs < 1)
        {
            yield return new Problem(where, FormattableString.Invariant($"gamma is {Gamma} and everyEpochs {EveryEpochs}; expected gamma above 0 and at least one epoch per stage."), "Correct the schedule.");
        }

        if (Kind == ScheduleKind.Table && (Table.Count == 0 || Table.Any(f => !(f > 0 && double.IsFinite(f)))))
        {
            yield return new Problem(where, "the table of factors is empty or holds a factor that is not above 0.", "Give one factor above 0 per epoch.");
        }
    }
}

/// <summary>Kinds of <see cref="StepSchedule"/>.</summary>
public enum ScheduleKind
{
    /// <summary>Always 1.</summary>
    Constant,

    /// <summary>gamma^epoch.</summary>
    Exponential,

    /// <summary>gamma^floor(epoch/everyEpochs).</summary>
    Step,

    /// <summary>A factor per epoch.</summary>
    Table,
}
