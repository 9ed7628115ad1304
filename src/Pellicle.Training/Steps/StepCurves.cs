using Pellicle.Core.Errors;
using Pellicle.Formats.TensorBoard;
using Pellicle.Training.Runs;

namespace Pellicle.Training.Steps;

/// <summary>Writes the curves of a run for TensorBoard: train/loss, privacy/epsilon, clip/fraction. The same figures as <c>metrics.jsonl</c>, with the same limits:
/// loss and clipped fraction come from private data and stay in the run folder.</summary>
internal sealed class StepCurves : IDisposable
{
    private readonly EventFileWriter _writer;
    private readonly string _path;
    private readonly TimeProvider _clock;

    private StepCurves(EventFileWriter writer, string path, TimeProvider clock)
    {
        _writer = writer;
        _path = path;
        _clock = clock;
    }

    /// <summary>Starts a new file with the steps that a resumed run keeps; files of the run's earlier processes are removed, so that no step is drawn twice.</summary>
    /// <param name="folder">The run's folder for curves.</param>
    /// <param name="kept">Steps taken before.</param>
    /// <param name="clock">Time of day.</param>
    /// <exception cref="EnvironmentException">It cannot be written.</exception>
    public static StepCurves Continue(string folder, IReadOnlyList<StepMetrics> kept, TimeProvider clock)
    {
        double now = SecondsOf(clock);
        string path = Path.Combine(folder, EventFileWriter.NameFor(now));
        try
        {
            Directory.CreateDirectory(folder);
            foreach (string former in Directory.EnumerateFiles(folder, "events.out.tfevents.*.pellicle"))
            {
                File.Delete(former);
            }

            var curves = new StepCurves(new EventFileWriter(new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.Read, 1 << 14), now), path, clock);
            foreach (StepMetrics step in kept)
            {
                curves.Append(step);
            }

            curves.Flush();
            return curves;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw CannotWrite(path, e);
        }
    }

    /// <summary>Adds a step; figures that do not exist are left out.</summary>
    /// <param name="metrics">Its figures.</param>
    public void Append(StepMetrics metrics)
    {
        var values = new List<(string, double)>(3);
        foreach ((string tag, double? value) in new[] { ("train/loss", metrics.Loss), ("privacy/epsilon", metrics.Epsilon), ("clip/fraction", metrics.ClippedFraction) })
        {
            if (value is { } number && double.IsFinite(number))
            {
                values.Add((tag, number));
            }
        }

        Guard(() => _writer.Add(SecondsOf(_clock), metrics.Step, values));
    }

    /// <summary>Hands buffered records to the system.</summary>
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

    private static double SecondsOf(TimeProvider clock) => clock.GetUtcNow().ToUnixTimeMilliseconds() / 1000.0;

    private static EnvironmentException CannotWrite(string path, Exception e) =>
        new($"cannot write '{path}': {e.Message}", "Check that the disk has free space and the folder is writable; then continue with --resume.", inner: e);
}
