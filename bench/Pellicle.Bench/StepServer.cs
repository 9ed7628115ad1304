using System.Diagnostics;
using System.Globalization;
using Pellicle.Native;

namespace Pellicle.Bench;

/// <summary>The other end of <see cref="StepProcess"/>: one network in this process, one step for each line "step".</summary>
internal static class StepServer
{
    public static void Run(StepCase @case, string kind, int threads)
    {
        NativeRuntime.Start(threads);
        using var step = new OurStep(@case, isPrivate: kind == "private");
        Console.WriteLine($"ready {kind} {step.ParameterCount.ToString(CultureInfo.InvariantCulture)}");
        while (Console.ReadLine() == "step")
        {
            long start = Stopwatch.GetTimestamp();
            step.Run();
            Console.WriteLine(Stopwatch.GetElapsedTime(start).TotalMilliseconds.ToString(CultureInfo.InvariantCulture));
        }
    }
}
