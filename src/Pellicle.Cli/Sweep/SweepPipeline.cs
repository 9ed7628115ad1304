using Pellicle.Cli.Output;
using Pellicle.Core.Files;
using Pellicle.Core.Random;
using Pellicle.Training.Metrics;
using Pellicle.Training.Runs;
using Pellicle.Training.Sweeps;

namespace Pellicle.Cli.Sweep;

/// <summary>Plan the runs → skip finished ones → train the others, each in a process of its own → write the table → keep the best.</summary>
/// <remarks>Each run has its own guarantee and ledger. Together they spend more: comparing them by figures of private data is not covered by any of them.</remarks>
/// <param name="plan">The runs.</param>
/// <param name="request">Where and how.</param>
/// <param name="launcher">Starts one run.</param>
/// <param name="reporter">Notes and progress.</param>
internal sealed class SweepPipeline(SweepPlan plan, SweepRequest request, ISweepLauncher launcher, Reporter reporter)
{
    private readonly Lock _lock = new();
    private readonly SweepJobResult[] _results = [.. plan.Jobs.Select(job => Look(job, plan, request))];

    /// <summary>Runs the sweep.</summary>
    /// <param name="cancellation">Starts no further run; running ones end by themselves or by the same signal.</param>
    public SweepResult Run(CancellationToken cancellation)
    {
        if (request.IsDryRun)
        {
            return Result(null);
        }

        Directory.CreateDirectory(Path.Combine(request.OutFolder, "logs"));
        if (request.Rerun)
        {
            SetAsideFinished();
        }

        string table = Path.Combine(request.OutFolder, "sweep.csv");
        WriteTable(table);
        int[] open = [.. Enumerable.Range(0, _results.Length).Where(i => _results[i].Result is null)];
        request.Order?.Shuffle<int>(open);
        int started = 0;
        Parallel.ForEach(open, new ParallelOptions { MaxDegreeOfParallelism = request.Jobs }, (i, loop) =>
        {
            if (cancellation.IsCancellationRequested)
            {
                loop.Stop();
                return;
            }

            reporter.Note($"run {Interlocked.Increment(ref started)} of {open.Length}: {string.Join(", ", _results[i].Settings.Select(s => $"{s.Key}={s.Value ?? "null"}"))}");
            string log = Path.Combine(request.OutFolder, "logs", plan.Jobs[i].Id + ".log");
            int code = launcher.Train(plan.Jobs[i], _results[i].RunDir, log);
            SweepJobResult done = Look(plan.Jobs[i], plan, request);
            lock (_lock)
            {
                _results[i] = done with { ExitCode = code, Status = done.Result is not null ? done.Status : code == 130 ? "interrupted" : "failed", Log = log };
                WriteTable(table);
            }
        });
        SweepResult result = Result(table);
        if (request.KeepBest && result.Best is not null && !cancellation.IsCancellationRequested)
        {
            foreach (SweepJobResult other in _results.Where(r => r.Result is not null && r.Id != result.Best))
            {
                DropModel(other.RunDir);
            }

            WriteTable(table);
        }

        return result;
    }

    private static SweepJobResult Look(SweepJob job, SweepPlan plan, SweepRequest request)
    {
        string folder = Path.Combine(request.OutFolder, job.Id);
        var axes = plan.Axes.ToDictionary(a => a, a => job.Settings.GetValueOrDefault(a));
        RunRecord? record = File.Exists(Path.Combine(folder, "run.json")) ? RunFolder.ReadJson<RunRecord>(RunFolder.Open(folder).RunFile) : null;
        bool isFinished = record is { Status: RunStatus.Completed or RunStatus.StoppedByBudget, Result: not null };
        string status = !isFinished ? "planned" : record!.Status == RunStatus.Completed ? "completed" : "stoppedByBudget";
        return new SweepJobResult(job.Id, axes, folder, status, null, isFinished ? request.Metric.Of(record!.Result!) : null, null) { Result = isFinished ? record!.Result : null };
    }

    private SweepResult Result(string? table)
    {
        IEnumerable<SweepJobResult> ranked = _results.Where(r => r.Metric is not null);
        SweepJobResult? best = request.Metric.IsSmallerBetter ? ranked.MinBy(r => r.Metric) : ranked.MaxBy(r => r.Metric);
        return new SweepResult(
            request.OutFolder, table, plan.Axes, request.Metric.Name, Sorted(), best?.Id, _results.Count(r => r.Result is not null), _results.Count(r => r.Status == "failed"), request.IsDryRun);
    }

    /// <summary>The runs as the table lists them: by the sort key with the best first and unfinished runs last, or as planned.</summary>
    private SweepJobResult[] Sorted()
    {
        if (request.SortKey is not { } key)
        {
            return _results;
        }

        double Rank(SweepJobResult row) => (row.Result is null ? null : key.Of(row.Result)) is { } value ? key.IsSmallerBetter ? value : -value : double.PositiveInfinity;
        return [.. _results.OrderBy(Rank)];
    }

    // A private run that is thrown away has still spent its budget: its ledger must not vanish.
    private void SetAsideFinished()
    {
        string former = Path.Combine(request.OutFolder, "former");
        for (int i = 0; i < _results.Length; i++)
        {
            if (_results[i].Result is null)
            {
                continue;
            }

            Directory.CreateDirectory(former);
            int number = 1;
            string place;
            do
            {
                place = Path.Combine(former, $"{plan.Jobs[i].Id}-{number++}");
            }
            while (Directory.Exists(place));
            Directory.Move(_results[i].RunDir, place);
            _results[i] = Look(plan.Jobs[i], plan, request);
        }
    }

    private void WriteTable(string path)
    {
        SweepMetric[] metrics = [.. SweepMetric.Names.Select(name => SweepMetric.Find(name)!)];
        string[] tests = [.. _results.SelectMany(r => TestsOf(r).Select(test => test.Value)).Distinct().Order(StringComparer.Ordinal)];
        var lines = new List<string> { string.Join(',', [.. plan.Axes, .. metrics.Select(m => m.Column), .. tests.Select(name => CsvField.Quote($"test_auc_{name}")), "epsilon", "delta", "status", "run", "model", "log"]) };
        foreach (SweepJobResult row in Sorted())
        {
            string model = Path.Combine(row.RunDir, "model");
            string[] cells =
            [
                .. plan.Axes.Select(a => row.Settings[a] ?? "NA"),
                .. metrics.Select(m => SweepMetric.Text(row.Result is null ? null : m.Of(row.Result))),
                .. tests.Select(name => SweepMetric.Text(TestsOf(row).FirstOrDefault(test => test.Value == name)?.Metrics.Auc)),
                SweepMetric.Text(row.Result?.Privacy.Epsilon),
                SweepMetric.Text(row.Result?.Privacy.Delta),
                row.Status,
                row.RunDir,
                row.Result is not null && Directory.Exists(model) ? model : "NA",
                row.Log ?? "NA",
            ];
            lines.Add(string.Join(',', cells.Select(CsvField.Quote)));
        }

        AtomicFile.WriteAllText(path, string.Join('\n', lines) + "\n");
    }

    // Each hospital of merged releases, and the sources of --retest: other hospitals, or encodings of other keys.
    private static IReadOnlyList<GroupMetrics> TestsOf(SweepJobResult row) => row.Result is { } result ? [.. result.TestBySource, .. result.Retests] : [];

    // Ledger, statement and metrics stay: what was spent is not undone by deleting a model.
    private static void DropModel(string run)
    {
        foreach (string folder in new[] { "model", "checkpoints" }.Select(name => Path.Combine(run, name)).Where(Directory.Exists))
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
