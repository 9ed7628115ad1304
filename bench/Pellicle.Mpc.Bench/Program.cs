using System.Diagnostics;
using System.Globalization;
using Pellicle.Mpc.Benchmark;
using Pellicle.Mpc.Channels;
using Pellicle.Mpc.Protocols;

// Usage: Pellicle.Mpc.Bench [--batch N] [--runs N] [--fractional-bits F] [--protocol P] [--simulate-network RTT,RATE] [--layers] NAME ...
// One row a network: all three parties are threads of this process.
string[] names = [.. args.Where((arg, i) => !arg.StartsWith("--", StringComparison.Ordinal) && (i == 0 || !args[i - 1].StartsWith("--", StringComparison.Ordinal) || args[i - 1] == "--layers"))];
int batch = Number("--batch", 1), runs = Number("--runs", 20);
using var process = Process.GetCurrentProcess();
var benchmark = new MpcBenchmark(TimeProvider.System, () =>
{
    process.Refresh();
    return process.TotalProcessorTime;
});
Console.WriteLine("| network | batch | runs | best ms | median ms | CPU-ms | rounds | MB | busiest link MB | largest error |");
Console.WriteLine("| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |");
foreach (string name in names)
{
    MpcBenchmarkResult result = benchmark.Run(new MpcBenchmarkRequest(name)
    {
        Batch = batch,
        Runs = runs,
        WarmUps = Math.Min(5, runs),
        FractionalBits = Number("--fractional-bits", 16),
        Protocol = MpcProtocols.Parse(Text("--protocol") ?? "replicated3"),
        Simulated = Text("--simulate-network") is { } network ? SimulatedNetwork.Parse(network) : null,
    });
    Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| `{name}` | {batch} | {runs} | {1000 * result.MinSeconds:F2} | {1000 * result.MedianSeconds:F2} | {1000 * result.CpuSeconds:F1} | {result.Rounds} | {result.Bytes / 1e6:F4} | {result.BytesByLink.Max() / 1e6:F4} | {result.MaxAbsError:G2} |"));
    if (args.Contains("--layers"))
    {
        foreach (var layer in result.LayerSeconds)
        {
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {layer.Name,-12} {layer.Operator,-20} {1000 * layer.Seconds,10:F3} ms {layer.Rounds,4} rounds {layer.Bytes,12} B"));
        }
    }
}

int Number(string option, int otherwise) => Text(option) is { } text ? int.Parse(text, CultureInfo.InvariantCulture) : otherwise;

string? Text(string option) => Array.IndexOf(args, option) is var at && at >= 0 && at + 1 < args.Length ? args[at + 1] : null;
