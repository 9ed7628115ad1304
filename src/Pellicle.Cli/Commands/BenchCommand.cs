using System.CommandLine;
using Pellicle.Cli.Bench;
using Pellicle.Cli.Output;
using Pellicle.Cli.Parsing;
using Pellicle.Core.Errors;
using Pellicle.Training.Configuration;

namespace Pellicle.Cli.Commands;

/// <summary><c>bench</c>: measures speed and memory on this machine.</summary>
internal sealed class BenchCommand : CliCommand
{
    private readonly Argument<string[]> _names = CliOption.Operands("NAME", "dp, noise, accounting, decode, encode, viewmaker, or a training step such as vit_tiny-32; without one, everything", isRequired: false);
    private readonly Option<int?> _runs = CliOption.Whole("--runs", "N", "timed runs of each case [3 to 200, by case]", 1, 10_000);
    private readonly Option<string?> _data = CliOption.Text("--data", "SRC", "pictures for decode [procedural JPEG files]");
    private readonly Option<string?> _baseline = CliOption.Text("--baseline", "PROGRAM", "also take ordinary steps of another program, such as bench/baseline/plain_pytorch.py");
    private readonly Option<string?> _serve = CliOption.Choice("--serve", "KIND", "take a private or ordinary step for each line \"step\" on stdin; bench starts itself so", StepServer.Private, StepServer.Ordinary);

    public override string Name => "bench";

    public override string Summary => "measure speed and memory of training steps, noise, accounting, decoding, encoding";

    public override string Operands => "[NAME…]";

    public override IReadOnlyList<Argument> Arguments => [_names];

    public override IReadOnlyList<Option> Options => [_runs, _data, _baseline, _serve];

    public override IReadOnlyList<string> Details =>
    [
        "dp compares a private training step (forward, backward, clipping, noise, update) with our own ordinary step, per model and number format.",
        $"Its cases: {string.Join(' ', StepCase.All.Take(4).Select(step => step.Name))}",
        $"{string.Join(' ', StepCase.All.Skip(4).Select(step => step.Name))}.",
        "What is compared takes turns, each in a process of its own. dp takes minutes and up to 6 GiB; compare ratios, not times, between machines.",
    ];

    public override IReadOnlyList<string> Examples => ["pellicle bench noise accounting", "pellicle bench vit_tiny-32 --runs 3 --json"];

    public override IEnumerable<Problem> Check(CommandContext context)
    {
        string[] names = context.HasUnknownOptions ? [] : context.Value(_names) ?? [];
        foreach (string name in names.Where(name => !BenchPipeline.Has(name)))
        {
            string[] known = [.. BenchPipeline.Names, .. StepCase.All.Select(step => step.Name)];
            string? near = NearestName.Find(name, known);
            yield return new Problem(name, $"'{name}' is not a benchmark; expected {string.Join(", ", known)}.", near is null ? "'pellicle bench --help' explains them." : $"Did you mean {near}?");
        }

        if (context.Value(_serve) is not null && Served(context) is null)
        {
            yield return new Problem("--serve", "--serve takes one training step.", $"For example 'pellicle bench {StepCase.All[0].Name} --serve private'.");
        }

        if (context.Value(_baseline) is { } program && !File.Exists(program))
        {
            yield return new Problem("--baseline", $"--baseline is '{program}', which does not exist; expected a program.", "Leave it out to compare with our own ordinary step only.");
        }
    }

    public override CommandOutcome Run(CommandContext context)
    {
        if (context.Value(_serve) is { } kind)
        {
            StepCase step = Served(context)!;
            StepServer.Run(step, kind, context.Threads, context.Host.Input, context.Host.Output);
            return new CommandOutcome(step, _ => { });
        }

        var request = new BenchRequest(context.Value(_names) ?? [], context.Threads, context.Value(_runs), context.Value(_data), context.Value(_baseline));
        BenchResult result = new BenchPipeline(request, context.Host.Cores, context.Reporter).Run(context.Cancellation);
        return new CommandOutcome(result, writer => Write(writer, result));
    }

    private StepCase? Served(CommandContext context) =>
        context.Value(_names) is [var name] ? StepCase.All.FirstOrDefault(step => step.Name == name) : null;

    private static void Write(TextWriter writer, BenchResult result)
    {
        BenchMachine machine = result.Machine;
        writer.WriteLine(FormattableString.Invariant(
            $"{machine.Cpu ?? "unknown processor"}, {machine.Cores} cores ({string.Join(' ', machine.InstructionSets)}), kernels {machine.Kernels}, libtorch {machine.Libtorch}, load {machine.Load:0.0}"));
        var table = new TextTable("case", ">runs", ">best ms", ">median ms", ">CPU ms", ">peak MiB", ">ratio", ">CPU ratio", "to", "also");
        foreach (BenchCase row in result.Cases)
        {
            table.Add(
                row.Name,
                $"{row.Runs}",
                Milliseconds(row.MinSeconds),
                Milliseconds(row.MedianSeconds),
                Milliseconds(row.CpuSeconds),
                row.PeakMemoryBytes is { } peak ? $"{peak >> 20}" : "",
                row.Ratio is null ? "" : ReadableNumber.Fixed(row.Ratio, 2),
                row.Extra.TryGetValue("cpuRatio", out double cpuRatio) ? ReadableNumber.Fixed(cpuRatio, 2) : "",
                row.Baseline ?? "",
                string.Join(", ", row.Extra.Where(extra => extra.Key != "cpuRatio").Select(extra => $"{extra.Key} {ReadableNumber.Of(extra.Value)}")));
        }

        table.WriteTo(writer);
    }

    private static string Milliseconds(double seconds) => ReadableNumber.Fixed(seconds * 1000, 1);
}
