using Pellicle.Privacy.Accounting;
using Pellicle.Privacy.Noise;
using Pellicle.Privacy.Plan;
using Pellicle.Privacy.Sampling;

namespace Pellicle.Privacy.Statement;

/// <summary>Makes the privacy statement of a run from its plan and its ledger.</summary>
public static class PrivacyStatementBuilder
{
    /// <summary>The deltas of the published curve.</summary>
    public static IReadOnlyList<double> CurveDeltas { get; } = [1e-3, 1e-4, 1e-5, 1e-6, 1e-7, 1e-8, 1e-9];

    /// <summary>States what a run guarantees.</summary>
    /// <param name="plan">The run as planned.</param>
    /// <param name="total">What happened to the data: earlier runs and the events of this run's ledger.</param>
    /// <param name="steps">Steps of this run that count as taken.</param>
    /// <param name="ledgerHash">Hash of the ledger's last line, or null for a plan.</param>
    /// <param name="largestPatient">Most images of one patient in the training data, for the figure of that patient as a whole; null if not known.</param>
    public static PrivacyStatement For(DpTrainingPlan plan, PrivacyHistory total, long steps, string? ledgerHash, int? largestPatient = null)
    {
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentNullException.ThrowIfNull(total);
        return For(plan.Options, plan.Accountant, total, steps, plan.NoiseMultiplier, ledgerHash, largestPatient);
    }

    /// <summary>States what a whole plan would guarantee.</summary>
    /// <param name="plan">The run as planned.</param>
    /// <param name="largestPatient">Most images of one patient in the training data; null if not known.</param>
    public static PrivacyStatement For(DpTrainingPlan plan, int? largestPatient = null)
    {
        ArgumentNullException.ThrowIfNull(plan);
        return For(plan, plan.TotalHistory, plan.Steps, null, largestPatient);
    }

    /// <summary>States that a run has no guarantee.</summary>
    /// <param name="steps">Steps taken.</param>
    /// <param name="n">Number of training units, or null.</param>
    /// <param name="pretraining">Where initial weights come from, or null.</param>
    public static PrivacyStatement NonPrivate(long steps, long? n = null, Pretraining? pretraining = null) => new()
    {
        Private = false,
        Mechanism = "none",
        Steps = steps,
        N = n,
        Pretraining = pretraining is null ? null : new StatementPretraining(pretraining.Source, pretraining.IsPublic, false),
        NotCovered = ["everything: the model was trained without differential privacy and may reveal its training data"],
        Release = "finalModel",
        Statement = "This model was trained without differential privacy. It gives no guarantee about the training data; treat it as confidential as the data itself.",
    };

    internal static PrivacyStatement For(DpOptions options, PrivacyAccountant accountant, PrivacyHistory total, long steps, double noiseMultiplier, string? ledgerHash, int? largestPatient = null)
    {
        // One composition serves the wanted delta and the curve.
        IReadOnlyList<EpsilonResult> curve = accountant.Curve(total, CurveDeltas);
        EpsilonResult result = accountant.Epsilon(total, options.Delta);
        bool isPrivate = double.IsFinite(result.Epsilon) && accountant.IsBound;
        EpsilonResult? prv = accountant is PrvAccountant ? result : Other(AccountantKind.Prv, options, total);
        EpsilonResult? rdp = accountant is RdpAccountant ? result : Other(AccountantKind.Rdp, options, total);
        EpsilonResult? gdp = accountant is GdpAccountant ? result : Other(AccountantKind.Gdp, options, total);
        IReadOnlyList<string> notCovered = NotCoveredBy(options, total, largestPatient);
        return new PrivacyStatement
        {
            Private = isPrivate,
            Mechanism = "dpSgd",
            Epsilon = Finite(result.Epsilon),
            EpsilonLower = prv?.Lower,
            Delta = options.Delta,
            Accountant = accountant.Name,
            AccountantVersion = accountant.Version,
            BestOrder = result.BestOrder,
            NeighbouringRelation = PlanHeader.Name(accountant.Relation),
            Unit = PlanHeader.Name(options.Unit),
            N = options.N,
            NIsPublic = options.NIsPublic,
            MaxImagesPerUnit = options.Unit == PrivacyUnit.Patient ? options.MaxImagesPerUnit : 1,
            Sampling = PlanHeader.Name(options.Sampling),
            SampleRate = options.SampleRate,
            ExpectedBatchSize = options.ExpectedBatchSize,
            Steps = steps,
            NoiseMultiplier = noiseMultiplier,
            Phases = [.. total.Phases.Select(p => new StatementPhase(p.Event.SampleRate, p.Event.NoiseMultiplier, p.Steps))],
            MaxGradNorm = options.Clipping.Sensitivity,
            Clipping = PlanHeader.Name(options.Clipping.Mode),
            Precision = PlanHeader.Name(options.Precision),
            NoiseSource = PlanHeader.Name(options.InsecureSeed is null ? NoiseSource.Secure : NoiseSource.SeededForTests),
            AveragingDivisor = options.ExpectedBatchSize,
            AugmentMultiplicity = options.AugmentMultiplicity,
            Mu = MuOf(curve),
            Curve = [.. curve.Select(c => new CurvePoint(c.Delta, Finite(c.Epsilon)))],
            ByAccountant = new ByAccountant(Finite(rdp?.Epsilon), Finite(prv?.Epsilon), Finite(gdp?.Epsilon)),
            Pretraining = options.Pretraining is { } p ? new StatementPretraining(p.Source, p.IsPublic, p.IsIncluded) : null,
            CoversTuning = false,
            NotCovered = notCovered,
            Release = PlanHeader.Name(options.Release),
            LedgerHash = ledgerHash,
            Statement = StatementText.For(options, accountant, result, steps, noiseMultiplier, notCovered),
        };
    }

    /// <summary>The largest μ whose Gaussian profile passes through a point of the curve: no smaller μ covers every point.</summary>
    private static double? MuOf(IReadOnlyList<EpsilonResult> curve) =>
        curve.Any(c => !double.IsFinite(c.Epsilon)) ? null : curve.Max(c => GaussianProfile.Mu(c.Epsilon, c.Delta));

    private static EpsilonResult? Other(AccountantKind kind, DpOptions options, PrivacyHistory total)
    {
        SamplingKind sampling = options.Sampling;
        if (kind != AccountantKind.Rdp && sampling == SamplingKind.FixedSize)
        {
            return null;
        }

        if (kind == AccountantKind.Gdp && sampling == SamplingKind.Shuffled)
        {
            return null;
        }

        PrvOptions prv = (options.MaxEpsilon ?? options.TargetEpsilon) is { } budget ? PrvOptions.ForTarget(budget) : new PrvOptions();
        PrivacyAccountant accountant = AccountantFactory.Create(kind, sampling, options.Orders, prv with { MemoryLimitBytes = options.AccountantMemoryBytes });
        return total.Phases.All(p => accountant.Supports(p.Event)) ? accountant.Epsilon(total, options.Delta) : null;
    }

    private static List<string> NotCoveredBy(DpOptions o, PrivacyHistory total, int? largestPatient)
    {
        var list = new List<string>
        {
            "choosing settings, stopping times or models by looking at private data",
            "metrics and predictions computed on private validation or test images",
            "per-step loss and clipped fraction in metrics.jsonl, which are computed from private data and stay in the run folder",
            "running time and memory use of the training machine",
        };
        if (!o.NIsPublic)
        {
            list.Add("n itself, which was counted on private data");
        }

        if (o.AcceptUnaccountedTuning)
        {
            list.Add("choices that this run made by private validation data (accepted with --accept-unaccounted-tuning)");
        }

        if (o.Unit == PrivacyUnit.Image)
        {
            list.Add("a patient with several images as a whole: the unit is one image" + (largestPatient is > 1 ? $"; {PlanNotes.GroupFigure(o, total, largestPatient.Value)}" : ""));
        }

        if (o.Pretraining is { IsPublic: false, IsIncluded: false })
        {
            list.Add("the data behind the initial weights, which were not declared public");
        }

        if (o.InsecureSeed is not null)
        {
            list.Add("anyone who knows or guesses the seed: noise and sampling were seeded for tests");
        }

        return list;
    }

    private static double? Finite(double? value) => value is { } v && double.IsFinite(v) ? v : null;
}
