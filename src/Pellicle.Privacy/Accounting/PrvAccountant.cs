namespace Pellicle.Privacy.Accounting;

/// <summary>Accountant by numerical composition of privacy loss random variables: tight, with stated error, both directions.</summary>
/// <remarks>Gopi, Lee, Wutschitz 2021: losses rounded to a mesh with matched mean, composed by Fourier transform; upper bound
/// ε(δ − δ_err) + ε_err, lower bound ε(δ + δ_err) − ε_err. Where it can be smaller, also a privacy loss distribution with every
/// loss rounded up (Koskela, Jälkö, Honkela 2020; Doroshenko et al. 2022), an upper bound by construction; the smaller of the two is
/// reported with its name. Histories of plain Gaussians only are answered exactly (Balle and Wang 2018). If neither numerical
/// bound exists, because delta is near the rounding of the transform, the Rényi bound is given.
/// Spectra of single steps are kept for the last mesh used.</remarks>
public sealed class PrvAccountant : PrivacyAccountant
{
    /// <summary>A plan asks for its budget, then for its curve, then for its budget again.</summary>
    private const int KeptAnswers = 4;

    private readonly RdpAccountant _rdp;
    private readonly Dictionary<(MechanismEvent Event, double Spacing, int Length, bool Upwards), SingleStepMasses> _steps = [];
    private readonly Queue<(PrivacyHistory History, string Deltas, IReadOnlyList<EpsilonResult> Results)> _answers = [];

    /// <summary>Makes the accountant, for add-or-remove-one.</summary>
    /// <param name="options">Accuracy and memory; defaults if null.</param>
    public PrvAccountant(PrvOptions? options = null)
        : this(NeighbouringRelation.AddOrRemoveOne, options)
    {
    }

    /// <summary>Makes the accountant.</summary>
    /// <param name="relation">Add-or-remove-one; zero-out-one for histories of plain Gaussians.</param>
    /// <param name="options">Accuracy and memory; defaults if null.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range.</exception>
    public PrvAccountant(NeighbouringRelation relation, PrvOptions? options = null)
        : base(relation)
    {
        Options = options ?? new PrvOptions();
        if (!(Options.EpsilonError > 0) || !(Options.DeltaErrorFraction is > 0 and < 0.5) || Options.MemoryLimitBytes < 1 << 20 || Options.MaxPhases < 1)
        {
            throw new ArgumentOutOfRangeException(nameof(options), "epsilonError must be above 0, deltaErrorFraction in (0, 0.5), memoryLimitBytes at least 1 MiB, maxPhases at least 1.");
        }

        _rdp = new RdpAccountant(relation);
    }

    /// <summary>Accuracy and memory.</summary>
    public PrvOptions Options { get; }

    /// <inheritdoc/>
    public override string Name => "prv";

    /// <inheritdoc/>
    public override string Version => FormattableString.Invariant($"prv-1 (epsilonError {Options.EpsilonError:R}, deltaError delta*{Options.DeltaErrorFraction:R})");

    private int MaxLength
    {
        get
        {
            // Two directions, accumulated product and one factor: 32 bytes a point.
            long length = 1024;
            while (length * 2 * 32 <= Options.MemoryLimitBytes && length < 1 << 28)
            {
                length *= 2;
            }

            return (int)length;
        }
    }

    /// <summary>The privacy loss distribution bound alone, every loss rounded up: never below the true epsilon.</summary>
    /// <param name="history">Supported events.</param>
    /// <param name="delta">In (0, 1).</param>
    /// <param name="spacing">Mesh in nats; that of the accountant's error if null.</param>
    public double PessimisticEpsilon(PrivacyHistory history, double delta, double? spacing = null)
    {
        ArgumentNullException.ThrowIfNull(history);
        foreach (PrivacyPhase phase in history.Phases)
        {
            ThrowIfRefused(phase.Event);
        }

        List<PrivacyPhase> phases = [.. history.DistinctPhases().Where(p => p.Event.SampleRate > 0)];
        if (phases.Count == 0)
        {
            return 0;
        }

        double deltaError = delta * Options.DeltaErrorFraction;
        double error = spacing is { } h ? h * Math.Sqrt(history.Steps * Math.Log(12 / deltaError) / 2) : Options.EpsilonError;
        return Pessimistic(phases, error, deltaError, [delta])[0];
    }

    /// <summary>An accountant for first guesses and progress lines: bounds a few hundredths looser, at a tenth of the time or less.</summary>
    internal PrvAccountant Coarser() => new(Relation, Options with
    {
        EpsilonError = 5 * Options.EpsilonError,
        MemoryLimitBytes = Math.Min(Options.MemoryLimitBytes, 128L << 20),
        MaxPhases = Math.Min(Options.MaxPhases, 8),
    });

    private protected override IReadOnlyList<EpsilonResult> CurveCore(IReadOnlyList<PrivacyPhase> phases, IReadOnlyList<double> deltas)
    {
        if (phases.All(p => p.Event.IsPlainGaussian))
        {
            double mu = Math.Sqrt(phases.Sum(p => p.Steps / (p.Event.NoiseMultiplier * p.Event.NoiseMultiplier)));
            return [.. deltas.Select(delta => Exact(mu, delta))];
        }

        var key = PrivacyHistory.Of(phases);
        string deltaKey = string.Join(';', deltas.Select(d => d.ToString("R")));
        foreach ((PrivacyHistory history, string asked, IReadOnlyList<EpsilonResult> known) in _answers)
        {
            if (asked == deltaKey && history.Equals(key))
            {
                return known;
            }
        }

        IReadOnlyList<PrivacyPhase> few = PhaseMerging.AtMost(Options.MaxPhases, phases);
        IReadOnlyList<EpsilonResult> results = Compute(few, deltas);
        if (few.Count < phases.Count)
        {
            string note = $"{phases.Count} different phases were merged to {few.Count}, each with the smallest noise of its members: the bound holds, and no lower bound is given";
            results = [.. results.Select(r => r with { Lower = null, Estimate = null, Notes = [.. r.Notes, note] })];
        }

        _answers.Enqueue((key, deltaKey, results));
        if (_answers.Count > KeptAnswers)
        {
            _answers.Dequeue();
        }

        return results;
    }

    private List<EpsilonResult> Compute(IReadOnlyList<PrivacyPhase> phases, IReadOnlyList<double> deltas)
    {
        double deltaError = deltas.Min() * Options.DeltaErrorFraction;
        LossMesh mesh = LossMesh.Plan(_rdp, phases, Options.EpsilonError, deltaError, MaxLength);
        if (deltas.Max() <= mesh.DeltaError)
        {
            return [.. deltas.Select(delta => RdpBound(phases, delta, null, null))];
        }

        (LossComposition remove, LossComposition add) = Compose(phases, mesh, upwards: false);
        double[] targets = [.. deltas.Select(d => d - mesh.DeltaError), .. deltas, .. deltas.Select(d => d + mesh.DeltaError)];
        double[] fromRemove = remove.Epsilons(targets);
        double[] fromAdd = add.Epsilons(targets);

        // Rounding up costs about half a mesh width per step: worth computing only for few steps.
        double steps = phases.Sum(p => p.Steps);
        double[]? pessimistic = steps * mesh.Spacing <= 4 * mesh.EpsilonError ? Pessimistic(phases, Options.EpsilonError, deltaError, deltas) : null;
        var results = new List<EpsilonResult>(deltas.Count);
        for (int i = 0; i < deltas.Count; i++)
        {
            double At(int block) => Math.Max(fromRemove[block * deltas.Count + i], fromAdd[block * deltas.Count + i]);
            double upper = Math.Max(0, At(0) + mesh.EpsilonError);
            double lower = Math.Max(0, At(2) - mesh.EpsilonError);
            results.Add(Choose(phases, deltas[i], upper, Math.Max(0, At(1)), lower, pessimistic?[i], mesh));
        }

        return results;
    }

    private EpsilonResult Choose(IReadOnlyList<PrivacyPhase> phases, double delta, double upper, double estimate, double lower, double? pessimistic, LossMesh mesh)
    {
        var notes = new List<string>();
        if (mesh.EpsilonError > Options.EpsilonError * 1.0001)
        {
            notes.Add(FormattableString.Invariant($"the mesh was made coarser to stay within {Options.MemoryLimitBytes >> 20} MiB: the stated error is {mesh.EpsilonError:G3} instead of {Options.EpsilonError:G3}"));
        }

        var result = new EpsilonResult(upper, lower, estimate, delta, BoundKind.Prv) { EpsilonError = mesh.EpsilonError, Notes = notes };
        if (pessimistic < upper)
        {
            result = result with { Epsilon = pessimistic.Value, Bound = BoundKind.PessimisticPld };
        }

        return double.IsPositiveInfinity(result.Epsilon) ? RdpBound(phases, delta, lower, estimate) : result;
    }

    private EpsilonResult RdpBound(IReadOnlyList<PrivacyPhase> phases, double delta, double? lower, double? estimate)
    {
        EpsilonResult rdp = _rdp.Epsilon(PrivacyHistory.Of(phases), delta);
        return rdp with
        {
            Lower = lower,
            Estimate = estimate,
            Notes = [.. rdp.Notes, "delta is too small for numerical composition of so many steps: the bound is that of rdp"],
        };
    }

    private double[] Pessimistic(IReadOnlyList<PrivacyPhase> phases, double epsilonError, double deltaError, IReadOnlyList<double> deltas)
    {
        LossMesh mesh = LossMesh.Plan(_rdp, phases, epsilonError, deltaError, MaxLength, upwards: true);
        (LossComposition remove, LossComposition add) = Compose(phases, mesh, upwards: true);
        double[] targets = [.. deltas.Select(d => d - mesh.DeltaError)];
        double[] fromRemove = remove.Epsilons(targets);
        double[] fromAdd = add.Epsilons(targets);
        return [.. fromRemove.Zip(fromAdd, (r, a) => Math.Max(0, Math.Max(r, a)))];
    }

    private (LossComposition Remove, LossComposition Add) Compose(IReadOnlyList<PrivacyPhase> phases, LossMesh mesh, bool upwards)
    {
        LossSpectrum? product = null;
        double removeShift = 0;
        double addShift = 0;
        foreach (PrivacyPhase phase in phases)
        {
            SingleStepMasses step = SingleStep(phase.Event, mesh, upwards);
            LossSpectrum factor = step.Spectrum.Power(phase.Steps);
            if (product is null)
            {
                product = factor;
            }
            else
            {
                product.Multiply(factor);
            }

            removeShift += phase.Steps * step.RemoveShift;
            addShift += phase.Steps * step.AddShift;
        }

        (double[] remove, double[] add) = product!.ToMasses();
        return (new LossComposition(remove, mesh.First, mesh.Spacing, removeShift), new LossComposition(add, mesh.First, mesh.Spacing, addShift));
    }

    private SingleStepMasses SingleStep(MechanismEvent mechanism, LossMesh mesh, bool upwards)
    {
        var key = (mechanism, mesh.Spacing, mesh.Length, upwards);
        if (_steps.TryGetValue(key, out SingleStepMasses? step))
        {
            return step;
        }

        if (_steps.Count > 0 && _steps.Keys.First().Spacing != mesh.Spacing)
        {
            _steps.Clear();
        }

        step = upwards ? SingleStepMasses.Upwards(mechanism, mesh) : SingleStepMasses.Nearest(mechanism, mesh);
        if ((_steps.Count + 3) * 16L * mesh.Length <= Options.MemoryLimitBytes)
        {
            _steps[key] = step;
        }

        return step;
    }

    private static EpsilonResult Exact(double mu, double delta)
    {
        double epsilon = GaussianProfile.Epsilon(mu, delta);
        return new EpsilonResult(epsilon, epsilon, epsilon, delta, BoundKind.Exact) { EpsilonError = 0 };
    }
}
