using Pellicle.Nn;
using Pellicle.Privacy.Accounting;
using Pellicle.Privacy.Clipping;
using Pellicle.Privacy.Plan;
using Pellicle.Privacy.Sampling;

namespace Pellicle.Privacy.Statement;

/// <summary>The statement paragraph: epsilon never without delta, unit, neighbouring relation, sampling and accountant.</summary>
internal static class StatementText
{
    public static string For(DpOptions o, PrivacyAccountant accountant, EpsilonResult result, long steps, double noiseMultiplier, IReadOnlyList<string> notCovered)
    {
        string unit = o.Unit == PrivacyUnit.Patient
            ? FormattableString.Invariant($"one patient (all images of that patient, at most {o.MaxImagesPerUnit} of them per step)")
            : "one image";
        string epsilon = double.IsFinite(result.Epsilon)
            ? FormattableString.Invariant($"({result.Epsilon:0.####}, {o.Delta:0.################e-0})-differential privacy for {unit}")
            : $"no finite differential privacy guarantee for {unit}";
        string method = accountant.IsBound ? $"an upper bound by the {accountant.Name} accountant" + (result.BestOrder is { } order ? FormattableString.Invariant($" at its best order {order}") : "") : $"an approximation by {accountant.Name}, not a bound";
        string text = FormattableString.Invariant($"Training by DP-SGD gives {epsilon}, under the neighbouring relation \"{Words(accountant.Relation)}\", {method}. ")
            + FormattableString.Invariant($"{Words(o)} over {steps} steps; contributions bounded to L2 norm {o.Clipping.Sensitivity}{Bound(o)}, Gaussian noise of multiplier {noiseMultiplier:0.####}{Noise(o)}, sums divided by the public constant {o.ExpectedBatchSize}. ");
        if (o.Spent.Steps > 0)
        {
            text += FormattableString.Invariant($"This includes {o.Spent.Steps} steps that earlier runs took on the same data. ");
        }

        if (o.Precision == ProductPrecision.Bfloat16)
        {
            text += "Matrix products took bfloat16 operands; contributions were measured on the rounded values, with the remaining rounding of their sum added to the norm. ";
        }

        if (o.InsecureSeed is not null)
        {
            text += "INSECURE: noise and sampling were seeded for tests, so the guarantee does not hold against anyone who knows or guesses the seed. ";
        }

        return text + $"Not covered: {string.Join("; ", notCovered)}. Research use, not a medical device.";
    }

    private static string Words(NeighbouringRelation relation) => relation switch
    {
        NeighbouringRelation.AddOrRemoveOne => "add or remove one",
        NeighbouringRelation.ReplaceOne => "replace one",
        _ => "zero out one",
    };

    private static string Bound(DpOptions o)
    {
        string first = o.Adaptive is not null || o.ClipSchedule.Kind != ScheduleKind.Constant ? " at first" : "";
        string later = o.Adaptive is { } a
            ? FormattableString.Invariant($", then moved by {o.CountQueries} noised {(o.CountQueries == 1 ? "count" : "counts")} a step of the units within the bound (quantile {a.TargetQuantile}, count noise {a.CountNoise:0.####}; the counts are charged)")
            : o.ClipSchedule.Kind != ScheduleKind.Constant ? $", then by the schedule {o.ClipSchedule}" : "";
        return $"{first} ({Words(o.Clipping.Mode)} clipping{later})";
    }

    private static string Noise(DpOptions o) =>
        (o.Adaptive is null ? "" : " (gradients and counts together)") + (o.NoiseSchedule.Kind == ScheduleKind.Constant ? "" : $" at first, then by the schedule {o.NoiseSchedule}");

    private static string Words(ClippingMode mode) => mode == ClippingMode.PerLayer ? "per-layer" : PlanHeader.Name(mode);

    private static string Words(DpOptions o)
    {
        string units = o.Unit == PrivacyUnit.Patient ? "patients" : "images";
        return o.Sampling switch
        {
            SamplingKind.Poisson => FormattableString.Invariant($"Each of n = {o.N} {units} joined each step independently with probability {o.SampleRate:0.######} (Poisson sampling, expected batch {o.ExpectedBatchSize})"),
            SamplingKind.FixedSize => FormattableString.Invariant($"Each step used {o.ExpectedBatchSize} of n = {o.N} {units}, drawn without replacement (fixed-size sampling)"),
            SamplingKind.Shuffled => FormattableString.Invariant($"Each epoch used each of n = {o.N} {units} once, in random order, in batches of {o.ExpectedBatchSize} (shuffled; no amplification is claimed, each epoch counts as one use of all data)"),
            _ => FormattableString.Invariant($"Each step used all n = {o.N} {units} (full batch)"),
        };
    }
}
