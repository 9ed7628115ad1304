using Pellicle.Core.Errors;

namespace Pellicle.Training.Sweeps;

/// <summary>The runs of a sweep: the Cartesian product of the lists in a configuration, or of a <c>search_space</c> on top of one.</summary>
/// <remarks>A list of search spaces adds jobs. (The dispatcher of the NeuraCrypt reference multiplies them by mistake.) Equal jobs run once.</remarks>
/// <param name="Axes">Keys with more than one value, in the order of the file.</param>
/// <param name="Jobs">The runs; the last axis changes fastest.</param>
public sealed record SweepPlan(IReadOnlyList<string> Axes, IReadOnlyList<SweepJob> Jobs)
{
    /// <summary>Most jobs of a sweep.</summary>
    public const int MaxJobs = 10_000;

    /// <summary>Reads a file.</summary>
    /// <param name="path">YAML or JSON.</param>
    /// <param name="problems">Takes what is wrong with it.</param>
    public static SweepPlan Read(string path, ICollection<Problem> problems)
    {
        ArgumentNullException.ThrowIfNull(problems);
        (IReadOnlyList<SweepValues> common, IReadOnlyList<IReadOnlyList<SweepValues>> spaces) = SweepFileReader.Read(path, problems);
        var axes = new List<string>();
        var jobs = new Dictionary<string, SweepJob>(StringComparer.Ordinal);
        foreach (IReadOnlyList<SweepValues> space in spaces)
        {
            List<SweepValues> all = [.. common.Where(c => space.All(s => s.Key != c.Key)), .. space];
            axes.AddRange(all.Where(v => v.Values.Count > 1).Select(v => v.Key).Except(axes));
            double count = all.Aggregate(1.0, (product, v) => product * v.Values.Count);
            if (count > MaxJobs)
            {
                problems.Add(new Problem(path, $"'{path}' describes {count} runs; expected at most {MaxJobs}.", "Shorten the lists."));
                return new SweepPlan([], []);
            }

            foreach (SweepJob job in Product(all))
            {
                jobs.TryAdd(job.Id, job);
            }
        }

        // Spaces that differ in a key with one value each also differ in the table.
        axes.AddRange(jobs.Values.SelectMany(j => j.Settings.Keys).Distinct().Except(axes).Where(key => jobs.Values.Select(j => j.Settings.GetValueOrDefault(key)).Distinct().Count() > 1));
        return new SweepPlan(axes, [.. jobs.Values]);
    }

    private static IEnumerable<SweepJob> Product(IReadOnlyList<SweepValues> all)
    {
        IEnumerable<Dictionary<string, string?>> partial = [new Dictionary<string, string?>(StringComparer.Ordinal)];
        foreach (SweepValues axis in all)
        {
            partial = partial.SelectMany(start => axis.Values.Select(value => new Dictionary<string, string?>(start, StringComparer.Ordinal) { [axis.Key] = value }));
        }

        return partial.Select(settings => new SweepJob(settings));
    }
}
