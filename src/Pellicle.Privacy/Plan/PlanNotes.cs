using Pellicle.Privacy.Accounting;
using Pellicle.Privacy.Sampling;

namespace Pellicle.Privacy.Plan;

/// <summary>Remarks that belong beside an epsilon.</summary>
internal static class PlanNotes
{
    public static IReadOnlyList<string> Of(DpOptions o, PrivacyAccountant accountant, PrivacyHistory history, int? largestUnit)
    {
        var notes = new List<string>();
        void Add(FormattableString text) => notes.Add(FormattableString.Invariant(text));
        if (o.Delta * o.N >= 1)
        {
            Add($"delta {o.Delta:R} is not below 1/n = {1.0 / o.N:G3}: a mechanism that publishes one unit at random would satisfy it; choose a smaller --delta");
        }

        if (o.Unit == PrivacyUnit.Patient)
        {
            Add($"n, batch and sample rate count patients; a patient brings at most {o.MaxImagesPerUnit} images to a step, so a batch holds about {o.ExpectedBatchSize} patients and up to {o.ExpectedBatchSize * o.MaxImagesPerUnit} images");
        }
        else if (largestUnit is > 1)
        {
            notes.Add($"the unit is one image, but patients repeat: {GroupFigure(o, history, largestUnit.Value)}; use --unit patient to protect patients");
        }
        else if (largestUnit is null)
        {
            notes.Add("the unit is one image: if a patient has several images, the guarantee for that patient is weaker; use --unit patient then");
        }

        switch (o.Sampling)
        {
            case SamplingKind.Shuffled:
                notes.Add("shuffled batches are not Poisson samples: no amplification is claimed, and each epoch counts as one use of all data");
                break;
            case SamplingKind.FixedSize:
                notes.Add("fixed-size batches are analysed for replacing one unit, whose influence is up to twice the clipping bound");
                break;
        }

        if (!o.NIsPublic)
        {
            notes.Add("n was counted on private data and is not covered by the guarantee");
        }

        if (o.InsecureSeed is not null)
        {
            notes.Add("INSECURE: noise and sampling are seeded for tests; whoever knows or guesses the seed can remove the noise");
        }

        if (!accountant.IsBound)
        {
            notes.Add($"{accountant.Name} is an approximation, no bound: the true epsilon may be larger; no training run accepts it");
        }

        if (o.Spent.Steps > 0)
        {
            Add($"includes {o.Spent.Steps} steps that earlier runs spent on the same data");
        }

        return notes;
    }

    /// <summary>What follows for the largest patient as a whole where the unit is one image.</summary>
    /// <param name="o">The plan.</param>
    /// <param name="history">What happened to the data.</param>
    /// <param name="largestUnit">Images of that patient, at least 2.</param>
    public static string GroupFigure(DpOptions o, PrivacyHistory history, int largestUnit)
    {
        NeighbouringRelation relation = AccountantFactory.RelationOf(o.Sampling);
        GroupPrivacy? group = history.Phases.All(p => p.Event.NoiseMultiplier > 0) ? GroupPrivacy.For(new RdpAccountant(relation), history, largestUnit, o.Delta) : null;
        string figure = group is null
            ? "no finite figure follows for that patient as a whole"
            : FormattableString.Invariant($"for that patient as a whole epsilon {group.Epsilon:0.##} at delta {group.Delta:R} follows by group privacy");
        return $"the largest patient has {largestUnit} images, and {figure}";
    }
}
