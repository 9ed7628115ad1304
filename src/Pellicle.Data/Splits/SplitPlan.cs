using Pellicle.Data.Sources;

namespace Pellicle.Data.Splits;

/// <summary>Gives every item its split: the source's own if it has one, otherwise by a hash of the patient (or of the file, where no patient is known).</summary>
internal static class SplitPlan
{
    internal static string[] Assign(IReadOnlyList<SourceItem> items, DatasetOptions options, ProblemList problems)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(options.ValidationShare);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(options.ValidationShare, 1);
        var shares = SplitShares.Parse(options.Split);
        bool hasOwn = items.Any(i => i.Split is not null);
        bool carve = hasOwn && options.ValidationShare > 0 && items.All(i => i.Split != SplitName.Validation);
        var splits = new string[items.Count];
        for (int i = 0; i < splits.Length; i++)
        {
            SourceItem item = items[i];
            string unit = item.Patient is null ? "file/" + item.File : "patient/" + item.Patient;
            if (!hasOwn)
            {
                splits[i] = shares.At(StableHash.Position("split", options.Seed, unit));
            }
            else if (item.Split is null)
            {
                splits[i] = SplitName.Train;
                problems.Add(item.File, "has no split while others have one", "Fill in the split column for all images.");
            }
            else
            {
                bool moves = carve && item.Split == SplitName.Train && StableHash.Position("validation", options.Seed, unit) < options.ValidationShare;
                splits[i] = moves ? SplitName.Validation : item.Split;
            }
        }

        return splits;
    }

    /// <summary>Reports patients with images in two splits, by file names: ids are private.</summary>
    internal static void CheckPatients(IReadOnlyList<ImageRecord> records, ProblemList problems)
    {
        var first = new Dictionary<string, ImageRecord>(StringComparer.Ordinal);
        var reported = new HashSet<string>(StringComparer.Ordinal);
        foreach (ImageRecord record in records)
        {
            if (record.Patient is not { } patient || first.TryAdd(patient, record))
            {
                continue;
            }

            ImageRecord other = first[patient];
            if (other.Split != record.Split && reported.Add(patient))
            {
                problems.Add(
                    record.File,
                    $"belongs to the same patient as '{other.File}', but is in '{record.Split}' and the other in '{other.Split}'; expected all images of a patient in one split",
                    "Correct the split column, or leave it out so that the split is made by patient.");
            }
        }
    }
}
