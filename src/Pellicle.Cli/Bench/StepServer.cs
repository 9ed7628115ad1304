using System.Diagnostics;
using System.Globalization;
using Pellicle.Native;

namespace Pellicle.Cli.Bench;

/// <summary>The other end of <see cref="StepProcess"/>: one network in this process, one step for each line "step".</summary>
internal static class StepServer
{
    /// <summary>Steps as the product takes them in private training.</summary>
    public const string Private = "private";

    /// <summary>The same without clipping and noise.</summary>
    public const string Ordinary = "ordinary";

    /// <summary>Takes steps until another line comes, or none.</summary>
    /// <param name="step">The case.</param>
    /// <param name="kind">Private or ordinary.</param>
    /// <param name="threads">Threads.</param>
    /// <param name="input">Lines.</param>
    /// <param name="output">Answers, each flushed.</param>
    public static void Run(StepCase step, string kind, int threads, TextReader input, TextWriter output)
    {
        NativeRuntime.Start(threads);
        using var training = new TrainingStep(step, isPrivate: kind == Private);
        Answer(output, $"ready {kind} {training.ParameterCount.ToString(CultureInfo.InvariantCulture)}");
        while (input.ReadLine() == "step")
        {
            long start = Stopwatch.GetTimestamp();
            training.Run();
            Answer(output, Stopwatch.GetElapsedTime(start).TotalMilliseconds.ToString(CultureInfo.InvariantCulture));
        }
    }

    private static void Answer(TextWriter output, string line)
    {
        output.WriteLine(line);
        output.Flush();
    }
}
