using System.Text;
using System.Text.Json;
using Pellicle.Core.Errors;
using Pellicle.Formats.Json;
using Pellicle.Training.Runs;

namespace Pellicle.Training.Steps;

/// <summary>Writes <c>metrics.jsonl</c>, one line a step, and reads it back. A line cut off by a kill is dropped.</summary>
public sealed class StepLog : IDisposable
{
    private readonly StreamWriter _writer;
    private readonly string _path;

    private StepLog(string path, FileStream stream)
    {
        _path = path;
        _writer = new StreamWriter(stream, new UTF8Encoding(false), 1 << 14);
    }

    /// <summary>Opens the log for the steps after a given one; later lines, of steps that will be repeated, are removed.</summary>
    /// <param name="path">The file.</param>
    /// <param name="lastStep">Last step that is kept; 0 starts anew.</param>
    /// <returns>The log and the kept lines.</returns>
    /// <exception cref="EnvironmentException">It cannot be written.</exception>
    public static (StepLog Log, IReadOnlyList<StepMetrics> Kept) Continue(string path, long lastStep)
    {
        StepMetrics[] kept = lastStep == 0 ? [] : [.. Read(path).Where(line => line.Step <= lastStep)];
        try
        {
            var log = new StepLog(path, new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.Read));
            foreach (StepMetrics line in kept)
            {
                log.Append(line);
            }

            log.Flush();
            return (log, kept);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw CannotWrite(path, e);
        }
    }

    /// <summary>Reads the complete lines of a log.</summary>
    /// <param name="path">The file; empty if it does not exist.</param>
    /// <exception cref="DataFormatException">A line before the last is not valid.</exception>
    public static IReadOnlyList<StepMetrics> Read(string path)
    {
        if (!File.Exists(path))
        {
            return [];
        }

        string[] lines = File.ReadAllLines(path);
        var steps = new List<StepMetrics>(lines.Length);
        for (int i = 0; i < lines.Length; i++)
        {
            try
            {
                steps.Add(JsonSerializer.Deserialize<StepMetrics>(lines[i], PellicleJson.Line)!);
            }
            catch (JsonException) when (i == lines.Length - 1)
            {
                break; // cut off by a kill
            }
            catch (JsonException e)
            {
                throw new DataFormatException($"'{path}', line {i + 1} is not valid: {e.Message}", "The run folder is damaged: delete metrics.jsonl, or train again.", inner: e);
            }
        }

        return steps;
    }

    /// <summary>Adds a step.</summary>
    /// <param name="metrics">Its figures.</param>
    public void Append(StepMetrics metrics) => Guard(() => _writer.WriteLine(JsonSerializer.Serialize(metrics, PellicleJson.Line)));

    /// <summary>Hands buffered lines to the system.</summary>
    public void Flush() => Guard(_writer.Flush);

    /// <summary>Flushes and closes.</summary>
    public void Dispose() => Guard(_writer.Dispose);

    private void Guard(Action write)
    {
        try
        {
            write();
        }
        catch (IOException e)
        {
            throw CannotWrite(_path, e);
        }
    }

    private static EnvironmentException CannotWrite(string path, Exception e) =>
        new($"cannot write '{path}': {e.Message}", "Check that the disk has free space and the folder is writable; then continue with --resume.", inner: e);
}
