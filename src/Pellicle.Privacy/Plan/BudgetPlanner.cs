using Pellicle.Core.Errors;
using Pellicle.Privacy.Accounting;
using Pellicle.Privacy.Clipping;
using Pellicle.Privacy.Statement;

namespace Pellicle.Privacy.Plan;

/// <summary>Plans a budget without data: from two of noise, epsilon and steps it finds the third, and says what the result means.</summary>
public static class BudgetPlanner
{
    /// <summary>Largest number of steps that the planner looks for.</summary>
    private const long MaxSteps = 10_000_000;

    /// <summary>The budgets of <see cref="BudgetPlan.Alternatives"/> and of the table.</summary>
    private static readonly double[] CommonTargets = [1, 3, 8];

    /// <summary>The batch sizes of <see cref="BudgetPlan.Batches"/>, those up to n.</summary>
    private static readonly long[] CommonBatches = [32, 256, 1024];

    /// <summary>Answers a request.</summary>
    /// <param name="request">Two of noise, target epsilon and epochs or steps.</param>
    /// <exception cref="UsageException">Too few, too many or wrong values; lists all problems.</exception>
    /// <exception cref="PrivacyBudgetExceededException">Earlier runs have spent the budget, or not one step fits.</exception>
    public static BudgetPlan Plan(PlanRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        Check(request);
        PrivacyAccountant accountant = AccountantFor(request, request.TargetEpsilon);
        (string solvedFor, long steps, double noise) = Solve(request, accountant);
        double epochs = request.Epochs ?? (double)steps * request.ExpectedBatchSize / request.N;
        DpOptions options = OptionsOf(request) with { Epochs = null, Steps = steps, NoiseMultiplier = noise, TargetEpsilon = null, MaxEpsilon = request.TargetEpsilon };
        PrivacyHistory total = request.Spent.Append(PrivacyHistory.Of(DpTrainingPlan.PhaseFactors(options, steps).Select(p => p.At(noise))));
        EpsilonResult result = accountant.Epsilon(total, request.Delta);

        // The budget asked for, the common budgets and the table overlap: each is searched once.
        var searched = new Dictionary<(double Target, long Steps), NoiseSearchResult?>();
        if (solvedFor == "noiseMultiplier")
        {
            searched[(request.TargetEpsilon!.Value, steps)] = new NoiseSearchResult(noise, result);
        }

        NoiseSearchResult? NoiseFor(double target, long count) =>
            searched.TryGetValue((target, count), out NoiseSearchResult? known) ? known : searched[(target, count)] = Noise(request, target, count);

        PrivacyStatement statement = PrivacyStatementBuilder.For(options, accountant, total, steps, noise, null, request.ImagesOfLargestPatient);
        return new BudgetPlan
        {
            Privacy = statement,
            SolvedFor = solvedFor,
            N = request.N,
            ExpectedBatchSize = request.ExpectedBatchSize,
            SampleRate = options.SampleRate,
            Epochs = epochs,
            Steps = steps,
            Delta = request.Delta,
            NoiseMultiplier = noise,
            Epsilon = double.IsFinite(result.Epsilon) ? result.Epsilon : null,
            EpsilonLower = statement.EpsilonLower,
            BestOrder = accountant is RdpAccountant ? result.BestOrder : null,
            OrderAtEdge = accountant is RdpAccountant && result.OrderAtEdge,
            SpentEpsilon = request.Spent.Steps == 0 ? null : accountant.Epsilon(request.Spent, request.Delta).Epsilon,
            Alternatives = [.. CommonTargets.Select(target => new PlanAlternative(target, NoiseFor(target, steps)?.NoiseMultiplier))],
            Table = request.Table ? TableOf(request, epochs, NoiseFor) : [],
            Batches = request.Table ? BatchesOf(request, epochs, result.Epsilon) : [],
            Notes = [.. Contradiction(accountant, result, statement), .. result.Notes, .. PlanNotes.Of(options, accountant, total, request.ImagesOfLargestPatient)],
        };
    }

    private static (string SolvedFor, long Steps, double Noise) Solve(PlanRequest request, PrivacyAccountant accountant)
    {
        long? steps = request.Steps ?? (request.Epochs is null ? null : DpTrainingPlan.StepsOf(OptionsOf(request)));
        if (steps is { } known)
        {
            return request.NoiseMultiplier is { } given
                ? ("epsilon", known, given)
                : ("noiseMultiplier", known, Search(request, accountant, request.TargetEpsilon!.Value, known).NoiseMultiplier);
        }

        double noise = request.NoiseMultiplier!.Value;
        PrivacyHistory After(long count) =>
            request.Spent.Append(PrivacyHistory.Of(DpTrainingPlan.PhaseFactors(OptionsOf(request), count).Select(p => p.At(noise))));

        long largest = NoiseCalibration.LargestSteps(accountant, request.TargetEpsilon!.Value, request.Delta, After, MaxSteps);
        if (largest == 0)
        {
            throw new PrivacyBudgetExceededException(
                FormattableString.Invariant($"not even one step with noise multiplier {noise} fits into epsilon {request.TargetEpsilon} at delta {request.Delta:R}."),
                "Raise --target-epsilon or --noise-multiplier, or lower --batch.");
        }

        return ("epochs", largest, noise);
    }

    /// <summary>An approximation that lies below a proven lower bound is no estimate any more.</summary>
    private static IEnumerable<string> Contradiction(PrivacyAccountant accountant, EpsilonResult result, PrivacyStatement statement)
    {
        if (!accountant.IsBound && result.Epsilon < statement.EpsilonLower)
        {
            yield return FormattableString.Invariant($"{accountant.Name} says {result.Epsilon:0.####}, but the true epsilon at delta {statement.Delta:R} is at least {statement.EpsilonLower:0.####} by numerical composition: use --accountant prv");
        }
    }

    private static List<PlanRow> TableOf(PlanRequest request, double epochs, Func<double, long, NoiseSearchResult?> noiseFor)
    {
        var rows = new List<PlanRow>();
        double[] targets = [.. CommonTargets.Append(request.TargetEpsilon ?? 1).Distinct().Order()];
        foreach (double share in new[] { 0.5, 1, 2 })
        {
            double rowEpochs = share * epochs;
            long steps = share == 1 && request.Steps is { } given ? given : DpTrainingPlan.StepsOf(OptionsOf(request) with { Epochs = rowEpochs, Steps = null });
            foreach (double target in targets)
            {
                NoiseSearchResult? found = noiseFor(target, steps);
                rows.Add(new PlanRow(rowEpochs, steps, target, found?.NoiseMultiplier, found?.Result.Epsilon));
            }
        }

        return rows;
    }

    /// <summary>Large batches need more noise, but less of it reaches the mean: this shows by how much.</summary>
    private static List<PlanBatch> BatchesOf(PlanRequest request, double epochs, double epsilon)
    {
        var rows = new List<PlanBatch>();
        double target = request.TargetEpsilon ?? epsilon;
        if (request.Sampling == SamplingKind.FullBatch || !double.IsFinite(target))
        {
            return rows;
        }

        foreach (long batch in CommonBatches.Append(request.ExpectedBatchSize).Distinct().Order().Where(batch => batch <= request.N))
        {
            PlanRequest other = request with { ExpectedBatchSize = batch, Epochs = epochs, Steps = null };
            long steps = DpTrainingPlan.StepsOf(OptionsOf(other));
            double? noise = Noise(other, target, steps)?.NoiseMultiplier;
            rows.Add(new PlanBatch(batch, steps, noise, noise / batch));
        }

        return rows;
    }

    /// <summary>The noise for a budget, or null where there is none.</summary>
    private static NoiseSearchResult? Noise(PlanRequest request, double target, long steps)
    {
        try
        {
            return Search(request, AccountantFor(request, target), target, steps);
        }
        catch (Exception e) when (e is PrivacyBudgetExceededException or UsageException)
        {
            return null;
        }
    }

    private static NoiseSearchResult Search(PlanRequest request, PrivacyAccountant accountant, double target, long steps) =>
        NoiseCalibration.NoiseFor(accountant, target, request.Delta, DpTrainingPlan.PhaseFactors(OptionsOf(request), steps), request.Spent);

    private static PrivacyAccountant AccountantFor(PlanRequest request, double? target) =>
        AccountantFactory.Create(request.Accountant, request.Sampling, request.Orders, target is { } t ? PrvOptions.ForTarget(t) : null);

    private static DpOptions OptionsOf(PlanRequest request) => new()
    {
        N = request.N,
        ExpectedBatchSize = request.ExpectedBatchSize,
        Epochs = request.Epochs,
        Steps = request.Steps,
        NoiseMultiplier = request.NoiseMultiplier,
        TargetEpsilon = request.TargetEpsilon,
        Delta = request.Delta,
        Accountant = request.Accountant,
        Orders = request.Orders,
        Unit = request.Unit,
        MaxImagesPerUnit = request.MaxImagesPerUnit,
        Sampling = request.Sampling,
        NoiseSchedule = request.NoiseSchedule,
        Clipping = new ClippingOptions { MaxGradNorm = request.MaxGradNorm },
        Spent = request.Spent,
    };

    private static void Check(PlanRequest request)
    {
        var problems = new List<Problem>();
        bool hasSteps = request.Epochs is not null || request.Steps is not null;
        int given = (hasSteps ? 1 : 0) + (request.NoiseMultiplier is not null ? 1 : 0) + (request.TargetEpsilon is not null ? 1 : 0);
        if (given != 2)
        {
            problems.Add(new Problem("plan", $"{given} of --target-epsilon, --noise-multiplier and --epochs (or --steps) were given; expected exactly two, from which the third follows.", "For example: --target-epsilon 3 --epochs 20."));
        }

        // The checks of a run, with stand-ins for what is to be found; gdp is refused for runs only.
        DpOptions options = OptionsOf(request);
        problems.AddRange((options with
        {
            Accountant = AccountantKind.Rdp,
            Steps = hasSteps ? request.Steps : 1,
            NoiseMultiplier = request.TargetEpsilon is not null && request.NoiseMultiplier is not null ? null : request.NoiseMultiplier,
            TargetEpsilon = request.TargetEpsilon ?? (request.NoiseMultiplier is null ? 1 : null),
        }).Check());
        if (request is { TargetEpsilon: not null, NoiseMultiplier: <= 0 })
        {
            problems.Add(new Problem("noiseMultiplier", FormattableString.Invariant($"noiseMultiplier is {request.NoiseMultiplier}, which gives no privacy (epsilon is infinite); expected a value above 0."), "Raise --noise-multiplier."));
        }

        if (problems.Count > 0)
        {
            throw new UsageException(problems[0].Message, problems[0].Hint, problems);
        }
    }
}
