using System.Globalization;
using System.Text;
using Pellicle.Bench;
using Pellicle.Native;

// Usage: Pellicle.Bench [--out FILE.md] [--threads N] [NAME ...]; names: noise, accounting, decode, or the start of a step case such as vit_tiny.
// Pellicle.Bench --serve private|ordinary CASE is started by the program itself, see StepServer.
string? outFile = Option("--out");
int threads = int.Parse(Option("--threads") ?? "2", CultureInfo.InvariantCulture);
string[] names = [.. args.Where((a, i) => !a.StartsWith("--", StringComparison.Ordinal) && (i == 0 || !args[i - 1].StartsWith("--", StringComparison.Ordinal)))];
if (Option("--serve") is { } kind)
{
    StepServer.Run(StepCase.All.Single(c => c.Name == names[0]), kind, threads);
    return 0;
}

string repository = FindRepository();
var all = new List<Measurement>();

if (Wanted("noise"))
{
    all.AddRange(OtherBenchmarks.Noise(threads));
}

if (Wanted("accounting"))
{
    all.AddRange(OtherBenchmarks.Accounting());
}

if (Wanted("decode"))
{
    all.AddRange(OtherBenchmarks.Decode(Path.Combine(repository, "..", "shared", "data", "ham10000-200x150.zip")));
}

foreach (StepCase @case in StepCase.All.Where(c => Wanted(c.Name)))
{
    all.AddRange(StepBenchmark.Run(@case, threads, Path.Combine(repository, "bench", "baseline", "plain_pytorch.py")));
}

string table = Table(all);
Console.WriteLine(table);
if (outFile is not null)
{
    File.WriteAllText(outFile, table);
}

return 0;

bool Wanted(string name) => names.Length == 0 || names.Any(n => name.StartsWith(n, StringComparison.Ordinal));

string? Option(string name) => Array.IndexOf(args, name) is var at && at >= 0 && at + 1 < args.Length ? args[at + 1] : null;

string Table(List<Measurement> rows)
{
    string cpu = File.ReadLines("/proc/cpuinfo").FirstOrDefault(l => l.StartsWith("model name", StringComparison.Ordinal))?.Split(':')[1].Trim() ?? "unknown processor";
    string load = File.ReadAllText("/proc/loadavg").Split(' ')[0];
    var text = new StringBuilder();
    text.AppendLine(CultureInfo.InvariantCulture, $"{cpu}, {Environment.ProcessorCount} cores, kernels {NativeRuntime.ActiveKernels}, libtorch {NativeRuntime.TorchVersion}, {threads} threads, load at the end {load}, {DateTime.UtcNow:yyyy-MM-dd}");
    text.AppendLine();
    text.AppendLine("| case | what | runs | best ms | median ms | CPU-ms | peak MiB | ratio of medians | ratio of CPU | private/ordinary |");
    text.AppendLine("| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |");
    foreach (Measurement m in rows)
    {
        text.AppendLine(CultureInfo.InvariantCulture, $"| {m.Name} | {m.Kind} | {m.Runs} | {m.MinSeconds * 1e3:0.0} | {m.MedianSeconds * 1e3:0.0} | {m.CpuSeconds * 1e3:0.0} | {(m.PeakMemoryBytes is { } p ? (p >> 20).ToString(CultureInfo.InvariantCulture) : "")} | {m.Ratio:0.00} | {m.CpuRatio:0.00} | {m.RatioToOrdinary:0.00} |");
    }

    return text.ToString();
}

static string FindRepository()
{
    for (DirectoryInfo? d = new(AppContext.BaseDirectory); d is not null; d = d.Parent)
    {
        if (File.Exists(Path.Combine(d.FullName, "Directory.Packages.props")))
        {
            return d.FullName;
        }
    }

    throw new InvalidOperationException("run the benchmark from a build inside the repository");
}
