using System.Text;
using System.Text.Json;
using Pellicle.Core.Errors;
using Pellicle.Formats.Json;

namespace Pellicle.Training.Runs;

/// <summary>Writes <c>metrics.jsonl</c>, one record a line, and reads it back. A line cut off by a kill is dropped.</summary>
/// <typeparam name="T">The record.</typeparam>
public sealed class LineLog<T> : IDisposable
    where T : class
{
    private readonly StreamWriter _writer;
    private readonly string _path;

    internal LineLog(string path, FileStream stream)
    {
        _path = path;
        _writer = new StreamWriter(stream, new UTF8Encoding(false), 1 << 14);
    }

    /// <summary>Adds a line.</summary>
    /// <param name="record">Its figures.</param>
    public void Append(T record) => Guard(() => _writer.WriteLine(JsonSerializer.Serialize(record, PellicleJson.Line)));

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
            throw LineLog.CannotWrite(_path, e);
        }
    }
}

/// <summary>Opens and reads logs.</summary>
public static class LineLog
{
    /// <summary>Opens the log to go on; lines that will be written again are removed.</summary>
    /// <typeparam name="T">The record.</typeparam>
    /// <param name="path">The file.</param>
    /// <param name="keeps">True for records that stay; null starts anew, whatever the file holds.</param>
    /// <returns>The log and the kept records.</returns>
    /// <exception cref="EnvironmentException">It cannot be written.</exception>
    public static (LineLog<T> Log, IReadOnlyList<T> Kept) Continue<T>(string path, Func<T, bool>? keeps)
        where T : class
    {
        T[] kept = keeps is null ? [] : [.. Read<T>(path).Where(keeps)];
        try
        {
            var log = new LineLog<T>(path, new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.Read));
            foreach (T record in kept)
            {
                log.Append(record);
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
    /// <typeparam name="T">The record.</typeparam>
    /// <param name="path">The file; empty if it does not exist.</param>
    /// <exception cref="DataFormatException">A line before the last is not valid.</exception>
    public static IReadOnlyList<T> Read<T>(string path)
        where T : class
    {
        if (!File.Exists(path))
        {
            return [];
        }

        string[] lines = File.ReadAllLines(path);
        var records = new List<T>(lines.Length);
        for (int i = 0; i < lines.Length; i++)
        {
            try
            {
                records.Add(JsonSerializer.Deserialize<T>(lines[i], PellicleJson.Line)!);
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

        return records;
    }

    internal static EnvironmentException CannotWrite(string path, Exception e) =>
        new($"cannot write '{path}': {e.Message}", "Check that the disk has free space and the folder is writable; then continue with --resume.", inner: e);
}
