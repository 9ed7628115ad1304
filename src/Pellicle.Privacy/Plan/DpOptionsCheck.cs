using Pellicle.Core.Errors;
using Pellicle.Privacy.Accounting;
using Pellicle.Privacy.Clipping;

namespace Pellicle.Privacy.Plan;

/// <summary>All checks of <see cref="DpOptions"/>, collected.</summary>
internal static class DpOptionsCheck
{
    public static IReadOnlyList<Problem> Of(DpOptions o)
    {
        var problems = new List<Problem>();
        void Need(bool holds, string where, FormattableString message, string hint)
        {
            if (!holds)
            {
                problems.Add(new Problem(where, FormattableString.Invariant(message), hint));
            }
        }

        Need(o.N >= 1, "n", $"n is {o.N}; expected at least one unit.", "Give the number of units with --n.");
        Need(o.ExpectedBatchSize >= 1 && o.ExpectedBatchSize <= Math.Max(1, o.N), "batch", $"the expected batch size is {o.ExpectedBatchSize}; expected 1 … n = {o.N}.", "Lower --batch, or train with full batches.");
        Need(o.Sampling != SamplingKind.FullBatch || o.ExpectedBatchSize == o.N, "batch", $"full batches take all {o.N} units, but the expected batch size is {o.ExpectedBatchSize}.", "Set --batch to n.");
        Need(o.MaxImagesPerUnit >= 1, "maxImagesPerUnit", $"maxImagesPerUnit is {o.MaxImagesPerUnit}; expected at least 1.", "Correct --max-images-per-unit.");
        Need((o.Epochs is null) != (o.Steps is null), "epochs", $"epochs is {o.Epochs} and steps is {o.Steps}; expected exactly one of them.", "Give --epochs or --steps.");
        Need(o.Epochs is null or (> 0 and <= 1e9), "epochs", $"epochs is {o.Epochs}; expected a number above 0.", "Correct --epochs.");
        Need(o.Steps is null or > 0, "steps", $"steps is {o.Steps}; expected at least 1.", "Correct --steps.");
        Need((o.NoiseMultiplier is null) != (o.TargetEpsilon is null), "noiseMultiplier", $"noiseMultiplier is {o.NoiseMultiplier} and targetEpsilon is {o.TargetEpsilon}; expected exactly one of them.", "Give --target-epsilon or --noise-multiplier.");
        Need(o.NoiseMultiplier is null || (o.NoiseMultiplier > 0 && double.IsFinite(o.NoiseMultiplier.Value)), "noiseMultiplier", $"noiseMultiplier is {o.NoiseMultiplier}, which gives no privacy (epsilon is infinite); expected a value above 0.", "Raise --noise-multiplier, or use --non-private to train without differential privacy.");
        Need(o.NoiseMultiplier is not > 0 || o.NoiseMultiplier is >= 1e-6 and <= 1e9, "noiseMultiplier", $"noiseMultiplier is {o.NoiseMultiplier}; expected a value from 1e-6 to 1e9, within which accounting is exact.", "Correct --noise-multiplier.");
        Need(o.TargetEpsilon is null || (o.TargetEpsilon > 0 && double.IsFinite(o.TargetEpsilon.Value)), "targetEpsilon", $"targetEpsilon is {o.TargetEpsilon}; expected a value above 0.", "Correct --target-epsilon.");
        Need(o.MaxEpsilon is null || o.MaxEpsilon > 0, "maxEpsilon", $"maxEpsilon is {o.MaxEpsilon}; expected a value above 0.", "Correct --max-epsilon.");
        Need(o.Delta is > 0 and < 1, "delta", $"delta is {o.Delta}; expected a value between 0 and 1, both excluded.", "Use for example --delta 1e-5; it should be below 1/n.");
        Need(o.Accountant != AccountantKind.Gdp, "accountant", $"the gdp accountant is an approximation that may lie below the true epsilon; a training run needs a bound.", "Use --accountant prv or --accountant rdp; plan shows gdp beside them.");
        Need(!(o.Sampling == SamplingKind.FixedSize && o.Accountant == AccountantKind.Prv), "accountant", $"fixed-size sampling is analysed by the rdp accountant only.", "Use --accountant rdp, or Poisson sampling.");
        Need(o.Orders.All(a => a > 1 && double.IsFinite(a)), "orders", $"the Rényi orders contain a value that is not above 1.", "Correct --orders.");
        Need(o.EpsilonError is null or > 0, "epsilonError", $"epsilonError is {o.EpsilonError}; expected a value above 0.", "Leave it out for the default.");
        Need(o.Clipping.LayerBounds.Values.Append(o.Clipping.MaxGradNorm).All(c => c > 0 && double.IsFinite(c)), "maxGradNorm", $"a clipping bound is not above 0 (maxGradNorm is {o.Clipping.MaxGradNorm}).", "Correct --max-grad-norm.");
        Need((o.Clipping.Mode == ClippingMode.Adaptive) == (o.Adaptive is not null), "clipping", $"clipping is {o.Clipping.Mode} and adaptive settings are {(o.Adaptive is null ? "missing" : "given")}.", "Adaptive settings go with --clipping adaptive.");
        Need(o.Adaptive is null or { TargetQuantile: > 0 and < 1, LearningRate: > 0, CountNoise: null or > 0 }, "clipping", $"an adaptive setting is outside its range.", "Quantile in (0, 1), learning rate and count noise above 0.");
        Need(o.Adaptive is null || o.ClipSchedule.Kind == ScheduleKind.Constant, "clipSchedule", $"the clipping bound is adaptive and follows a schedule, too.", "Leave the schedule out, or use --clipping flat.");
        Need(o.Clipping.LayerBounds.Count == 0 || o.Clipping.Mode is ClippingMode.PerLayer or ClippingMode.Adaptive, "clipping", $"clipping is {o.Clipping.Mode}, which has no bounds per layer.", "Leave the bounds per layer out.");
        Need(o.AugmentMultiplicity >= 1, "augmentMultiplicity", $"augmentMultiplicity is {o.AugmentMultiplicity}; expected at least 1.", "Correct --augment-multiplicity.");
        Need(o.ClassWeights.All(w => w >= 0 && double.IsFinite(w)), "classWeights", $"a class weight is negative or not finite.", "Correct --class-weights.");
        int before = problems.Count;
        problems.AddRange(o.NoiseSchedule.Check("noiseSchedule"));
        problems.AddRange(o.ClipSchedule.Check("clipSchedule"));
        if (problems.Count == before && o.N >= 1 && o.ExpectedBatchSize >= 1 && (o.Epochs ?? 1) > 0)
        {
            // Every kind moves one way, or is a table: the extremes are at the ends.
            double epochs = o.Epochs ?? (double)(o.Steps ?? 1) * o.ExpectedBatchSize / o.N;
            foreach ((string name, StepSchedule schedule) in new[] { ("noiseSchedule", o.NoiseSchedule), ("clipSchedule", o.ClipSchedule) })
            {
                double last = schedule.FactorAt((long)Math.Ceiling(Math.Min(epochs, 1e9)));
                Need(last is >= 1e-6 and <= 1e6 && schedule.Table.All(f => f is >= 1e-6 and <= 1e6), name, $"the schedule {schedule} reaches the factor {last:G3}; expected factors from 1e-6 to 1e6 over all epochs.", "Choose a factor nearer to 1, or fewer epochs.");
            }
        }

        return problems;
    }
}
