using System.Text.Json;
using Pellicle.Core.Files;
using Pellicle.Formats.Json;

namespace Pellicle.Viewmaker.Training;

/// <summary>Appends the figures of rounds to <c>metrics.jsonl</c>.</summary>
internal sealed class RoundLog : IDisposable
{
    private readonly StreamWriter _writer;

    private RoundLog(StreamWriter writer) => _writer = writer;

    /// <summary>Opens the log; lines after a round, and a last line cut off by a kill, are dropped.</summary>
    public static RoundLog Continue(string path, int lastRound)
    {
        RoundFigures[] kept = [.. Read(path).Where(figures => figures.Round <= lastRound)];
        AtomicFile.WriteAllText(path, string.Concat(kept.Select(figures => JsonSerializer.Serialize(figures, PellicleJson.Line) + "\n")));
        return new RoundLog(new StreamWriter(path, append: true));
    }

    /// <summary>All complete lines of a log.</summary>
    public static IEnumerable<RoundFigures> Read(string path)
    {
        if (!File.Exists(path))
        {
            yield break;
        }

        foreach (string line in File.ReadLines(path))
        {
            RoundFigures? figures;
            try
            {
                figures = JsonSerializer.Deserialize<RoundFigures>(line, PellicleJson.Line);
            }
            catch (JsonException)
            {
                yield break;
            }

            if (figures is not null)
            {
                yield return figures;
            }
        }
    }

    public void Append(RoundFigures figures) => _writer.WriteLine(JsonSerializer.Serialize(figures, PellicleJson.Line));

    public void Flush() => _writer.Flush();

    public void Dispose() => _writer.Dispose();
}
