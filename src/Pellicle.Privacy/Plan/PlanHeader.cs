using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Pellicle.Privacy.Accounting;
using Pellicle.Privacy.Noise;

namespace Pellicle.Privacy.Plan;

/// <summary>All constants of a plan as one JSON object; nothing of <see cref="ExecutionOptions"/>.</summary>
internal static class PlanHeader
{
    /// <summary>Version of the software that made the plan.</summary>
    public static string SoftwareVersion { get; } = typeof(PlanHeader).Assembly.GetName().Version?.ToString(3) ?? "0.0.0";

    public static JsonObject Of(DpTrainingPlan plan)
    {
        DpOptions o = plan.Options;
        return new JsonObject
        {
            ["software"] = "pellicle " + SoftwareVersion,
            ["mechanism"] = "dpSgd",
            ["n"] = o.N,
            ["nIsPublic"] = o.NIsPublic,
            ["unit"] = Name(o.Unit),
            ["maxImagesPerUnit"] = o.MaxImagesPerUnit,
            ["sampling"] = Name(o.Sampling),
            ["sampleRate"] = o.SampleRate,
            ["expectedBatchSize"] = o.ExpectedBatchSize,
            ["averagingDivisor"] = plan.AveragingDivisor,
            ["epochs"] = o.Epochs,
            ["steps"] = plan.Steps,
            ["stepsPerEvent"] = plan.StepsPerEvent,
            ["delta"] = o.Delta,
            ["targetEpsilon"] = o.TargetEpsilon,
            ["maxEpsilon"] = plan.MaxEpsilon,
            ["accountant"] = plan.Accountant.Name,
            ["accountantVersion"] = plan.Accountant.Version,
            ["accountantMemoryBytes"] = o.AccountantMemoryBytes,
            ["orders"] = new JsonArray([.. o.Orders.Select(a => (JsonNode)a)]),
            ["neighbouringRelation"] = Name(plan.Accountant.Relation),
            ["noiseMultiplier"] = plan.NoiseMultiplier,
            ["phases"] = Phases(plan.History),
            ["maxGradNorm"] = o.Clipping.MaxGradNorm,
            ["clipping"] = Name(o.Clipping.Mode),
            ["layerBounds"] = new JsonObject(o.Clipping.LayerBounds.OrderBy(b => b.Key, StringComparer.Ordinal).Select(b => KeyValuePair.Create(b.Key, (JsonNode?)b.Value))),
            ["zeroNonFinite"] = o.Clipping.ZeroNonFinite,
            ["adaptive"] = o.Adaptive is { } a ? new JsonObject { ["targetQuantile"] = a.TargetQuantile, ["learningRate"] = a.LearningRate, ["countNoise"] = a.CountNoise, ["counts"] = o.CountQueries } : null,
            ["noiseSchedule"] = Schedule(o.NoiseSchedule),
            ["clipSchedule"] = Schedule(o.ClipSchedule),
            ["augmentMultiplicity"] = o.AugmentMultiplicity,
            ["classWeights"] = new JsonArray([.. o.ClassWeights.Select(w => (JsonNode)w)]),
            ["precision"] = Name(o.Precision),
            ["release"] = Name(o.Release),
            ["acceptUnaccountedTuning"] = o.AcceptUnaccountedTuning,
            ["noiseSource"] = Name(o.InsecureSeed is null ? NoiseSource.Secure : NoiseSource.SeededForTests),
            ["insecureSeedHash"] = o.InsecureSeed is { } seed ? Convert.ToHexStringLower(SHA256.HashData(BitConverter.GetBytes(seed.Value))) : null,
            ["spent"] = Phases(o.Spent),
            ["spentLedgerHash"] = o.SpentLedgerHash,
            ["pretraining"] = o.Pretraining is { } p ? new JsonObject { ["source"] = p.Source, ["isPublic"] = p.IsPublic, ["isIncluded"] = p.IsIncluded } : null,
            ["trainableParameters"] = plan.Parameters,
            ["grid"] = plan.GridFor(o.Clipping.Sensitivity),
        };
    }

    /// <summary>A value of an enumeration as JSON shows it.</summary>
    public static string Name<T>(T value)
        where T : struct, Enum
    {
        string name = value.ToString();
        return char.ToLowerInvariant(name[0]) + name[1..];
    }

    /// <summary>The list of earlier phases in a header.</summary>
    public static PrivacyHistory SpentOf(JsonObject header) => header["spent"] is not JsonArray spent ? PrivacyHistory.Empty : PrivacyHistory.Of(spent.Select(p => new PrivacyPhase(
        new MechanismEvent(Enum.Parse<SamplingKind>(p!["sampling"]!.GetValue<string>(), ignoreCase: true), p["sampleRate"]!.GetValue<double>(), p["noiseMultiplier"]!.GetValue<double>()),
        p["steps"]!.GetValue<long>())));

    /// <summary>The origin of the initial weights in a header.</summary>
    public static Pretraining? PretrainingOf(JsonObject header) => header["pretraining"] is JsonObject p
        ? new Pretraining(p["source"]!.GetValue<string>(), p["isPublic"]!.GetValue<bool>(), p["isIncluded"]!.GetValue<bool>())
        : null;

    private static JsonArray Phases(PrivacyHistory history) => new([.. history.Phases.Select(p => (JsonNode)new JsonObject
    {
        ["sampling"] = Name(p.Event.Sampling),
        ["sampleRate"] = p.Event.SampleRate,
        ["noiseMultiplier"] = p.Event.NoiseMultiplier,
        ["steps"] = p.Steps,
    })]);

    private static JsonObject Schedule(StepSchedule s) => new()
    {
        ["kind"] = Name(s.Kind),
        ["gamma"] = s.Gamma,
        ["everyEpochs"] = s.EveryEpochs,
        ["table"] = new JsonArray([.. s.Table.Select(f => (JsonNode)f)]),
    };
}
