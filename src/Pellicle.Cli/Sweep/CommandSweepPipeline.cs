using System.Diagnostics;
using System.Text.Json;
using Pellicle.Cli.Output;
using Pellicle.Core.Files;
using Pellicle.Core.Random;

namespace Pellicle.Cli.Sweep;

/// <summary>Result of a command sweep.</summary>
/// <param name="OutDir">Folder of the results.</param>
/// <param name="Table">sweep.csv; null for a dry run.</param>
/// <param name="Command">Words of the command.</param>
/// <param name="Axes">Options with several values.</param>
/// <param name="Jobs">All runs.</param>
/// <param name="Finished">Runs with a result.</param>
/// <param name="Failed">Runs that failed in this call.</param>
/// <param name="IsDryRun">Only planned.</param>
internal sealed record CommandSweepResult(string OutDir, string? Table, string Command, IReadOnlyList<string> Axes, IReadOnlyList<CommandSweepJobResult> Jobs, int Finished, int Failed, bool IsDryRun);

/// <summary>How one run stands.</summary>
/// <param name="Id">Hash of its options.</param>
/// <param name="Options">Its options.</param>
/// <param name="Status">"planned", "completed" or "failed".</param>
/// <param name="Columns">Values of the columns; null where the result has none.</param>
/// <param name="Result">JSON document of the run.</param>
internal sealed record CommandSweepJobResult(string Id, IReadOnlyDictionary<string, string> Options, string Status, IReadOnlyDictionary<string, string?> Columns, string Result);

/// <summary>Plan the runs → skip those with a result → run the others, each as a process of its own → write the table after each.</summary>
/// <param name="plan">The runs.</param>
/// <param name="outFolder">Takes results, logs and sweep.csv.</param>
/// <param name="threads">Threads of each run.</param>
/// <param name="reporter">Notes and progress.</param>
internal sealed class CommandSweepPipeline(CommandSweepPlan plan, string outFolder, int threads, Reporter reporter)
{
    private readonly Lock _lock = new();
    private readonly HashSet<string> _failed = [];
    private readonly Dictionary<string, IReadOnlyDictionary<string, string?>> _finished = []; // columns by run: a result is read once, not after each other run

    /// <summary>Lists the runs.</summary>
    public CommandSweepResult DryRun() => Result(null, true);

    /// <summary>Runs the sweep.</summary>
    /// <param name="jobs">Runs at once.</param>
    /// <param name="rerun">Run again what has a result.</param>
    /// <param name="order">Starts the runs in random order; null for the plan's.</param>
    /// <param name="cancellation">Starts no further run.</param>
    public CommandSweepResult Run(int jobs, bool rerun, ISeededRandom? order, CancellationToken cancellation)
    {
        Directory.CreateDirectory(Path.Combine(outFolder, "logs"));
        string table = Path.Combine(outFolder, "sweep.csv");
        WriteTable(table);
        CommandSweepJob[] open = [.. plan.Jobs.Where(job => rerun || !IsFinished(job))];
        order?.Shuffle<CommandSweepJob>(open);
        Parallel.ForEach(open, new ParallelOptions { MaxDegreeOfParallelism = jobs }, (job, loop) =>
        {
            if (cancellation.IsCancellationRequested)
            {
                loop.Stop();
                return;
            }

            reporter.Note($"{plan.Command} {string.Join(' ', job.Words)}");
            int code = Start(job);
            lock (_lock)
            {
                if (code != 0)
                {
                    _failed.Add(job.Id);
                }

                _finished.Remove(job.Id);

                WriteTable(table);
            }
        });
        return Result(table, false);
    }

    private int Start(CommandSweepJob job)
    {
        ProcessStartInfo start = OwnProgram.StartInfo([.. plan.Command.Split(' ', StringSplitOptions.RemoveEmptyEntries), .. job.Words, "--json", "--threads", $"{threads}"]);
        start.RedirectStandardInput = true;
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        using Process process = Process.Start(start)!;
        process.StandardInput.Close();
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        string error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        AtomicFile.WriteAllText(Path.Combine(outFolder, "logs", job.Id + ".log"), error);
        if (process.ExitCode == 0)
        {
            AtomicFile.WriteAllText(ResultOf(job), output.Result);
        }

        return process.ExitCode;
    }

    private string ResultOf(CommandSweepJob job) => Path.Combine(outFolder, job.Id + ".json");

    private bool IsFinished(CommandSweepJob job) => ColumnsOf(job) is not null;

    // Null without a result.
    private IReadOnlyDictionary<string, string?>? ColumnsOf(CommandSweepJob job)
    {
        if (!_finished.TryGetValue(job.Id, out IReadOnlyDictionary<string, string?>? columns) && Document(job) is { } result)
        {
            _finished[job.Id] = columns = plan.Columns.ToDictionary(column => column, column => Field(result, column));
        }

        return columns;
    }

    private JsonElement? Document(CommandSweepJob job)
    {
        try
        {
            return File.Exists(ResultOf(job)) && JsonDocument.Parse(File.ReadAllText(ResultOf(job))).RootElement.Clone() is { } root && root.GetProperty("ok").GetBoolean() ? root.GetProperty("result") : null;
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return null; // of another program, or cut off: made anew
        }
    }

    private CommandSweepResult Result(string? table, bool isDryRun)
    {
        CommandSweepJobResult[] results = [.. plan.Jobs.Select(Look)];
        return new CommandSweepResult(outFolder, table, plan.Command, plan.Axes, results, results.Count(r => r.Status == "completed"), _failed.Count, isDryRun);
    }

    private CommandSweepJobResult Look(CommandSweepJob job)
    {
        IReadOnlyDictionary<string, string?>? columns = ColumnsOf(job);
        string status = columns is not null ? "completed" : _failed.Contains(job.Id) ? "failed" : "planned";
        return new CommandSweepJobResult(job.Id, job.Options, status, columns ?? plan.Columns.ToDictionary(c => c, _ => (string?)null), ResultOf(job));
    }

    // "methods.0.top1": fields by name, items of a list by number.
    private static string? Field(JsonElement element, string path)
    {
        foreach (string part in path.Split('.'))
        {
            if (element.ValueKind == JsonValueKind.Object && element.TryGetProperty(part, out JsonElement inner))
            {
                element = inner;
            }
            else if (element.ValueKind == JsonValueKind.Array && int.TryParse(part, out int index) && index >= 0 && index < element.GetArrayLength())
            {
                element = element[index];
            }
            else
            {
                return null;
            }
        }

        return element.ValueKind == JsonValueKind.Null ? null : element.ToString();
    }

    private void WriteTable(string path)
    {
        var lines = new List<string> { string.Join(',', [.. plan.Axes, .. plan.Columns, "status", "result", "log"]) };
        foreach (CommandSweepJobResult row in plan.Jobs.Select(Look))
        {
            string[] cells = [.. plan.Axes.Select(a => row.Options.GetValueOrDefault(a, "NA")), .. plan.Columns.Select(c => row.Columns[c] ?? "NA"), row.Status, row.Result, Path.Combine(outFolder, "logs", row.Id + ".log")];
            lines.Add(string.Join(',', cells.Select(CsvField.Quote)));
        }

        AtomicFile.WriteAllText(path, string.Join('\n', lines) + "\n");
    }
}
