using System.CommandLine;
using Pellicle.Cli.Output;
using Pellicle.Cli.Parsing;
using Pellicle.Core.Errors;
using Pellicle.Models;
using Pellicle.Mpc.Compiler.Reading;
using Pellicle.Training.Exchange;

namespace Pellicle.Cli.Commands;

/// <summary><c>model inspect</c>: what a model file holds, and what an encrypted graph would make of it.</summary>
internal sealed class ModelInspectCommand : CliCommand
{
    private const int ListedKeys = 20;

    private readonly Argument<string?> _file = CliOption.Operand("FILE|RUN", "an ONNX file, a safetensors file, a run folder or a model folder");
    private readonly Option<string?> _network = CliOption.Choice("--as", "NAME", $"network to match the names of a safetensors file with: {string.Join(", ", ModelCatalog.Names)}", [.. ModelCatalog.Names]);

    public override string Name => "model inspect";

    public override string Summary => "operators, parameters and names of a model file";

    public override string Operands => "FILE|RUN";

    public override IReadOnlyList<Argument> Arguments => [_file];

    public override IReadOnlyList<Option> Options => [_network];

    public override IReadOnlyList<string> Examples => ["pellicle model inspect model.onnx", "pellicle model inspect vit_b_16.safetensors --as vit_base --json"];

    public override CommandOutcome Run(CommandContext context)
    {
        ModelInspection result = new ModelInspectPipeline(NetworkReader.ProblemsOf).Run(context.Value(_file)!, context.Value(_network));
        return new CommandOutcome(result, writer => Write(writer, result));
    }

    private static void Write(TextWriter writer, ModelInspection result)
    {
        writer.WriteLine($"{result.File}: {result.Kind}{(result.Model is null ? "" : $", {result.Model}")}, {result.Parameters} parameters{(result.Opset is { } opset ? $", opset {opset}" : "")}");
        foreach (NamedShape value in result.Inputs)
        {
            writer.WriteLine($"input  {value.Name} [{string.Join(", ", value.Shape ?? [])}]");
        }

        foreach (NamedShape value in result.Outputs)
        {
            writer.WriteLine($"output {value.Name} [{string.Join(", ", value.Shape ?? [])}]");
        }

        if (result.Operators.Count > 0)
        {
            var table = new TextTable(["operator", ">nodes", "in an encrypted graph"]);
            foreach (OperatorCount entry in result.Operators)
            {
                table.Add([entry.Operator, entry.Count.ToString(), entry.IsKnown ? ReadableUse(entry) : "not known here"]);
            }

            table.WriteTo(writer);
            writer.WriteLine(result.MpcReady == true ? "ready for encrypted prediction" : "not ready for encrypted prediction:");
            foreach (Problem problem in result.MpcProblems.Take(ListedKeys))
            {
                writer.WriteLine($"  {problem.Message} {problem.Hint}");
            }
        }

        foreach (KeyMapping key in result.Keys.Take(ListedKeys))
        {
            writer.WriteLine($"  {key.Key} {key.Type} [{string.Join(", ", key.Shape)}]{(key.Parameter is null || key.Parameter == key.Key ? "" : $" -> {key.Parameter}")}");
        }

        if (result.Keys.Count > ListedKeys)
        {
            writer.WriteLine($"  and {result.Keys.Count - ListedKeys} more (all with --json)");
        }

        WriteList(writer, "unmatched keys", result.UnmatchedKeys);
        WriteList(writer, "missing parameters", result.MissingKeys);
        WriteList(writer, "notes", result.Notes);
        if (result.Metadata.TryGetValue("pellicle.privacyStatement", out string? statement))
        {
            writer.WriteLine(statement);
        }
    }

    private static string ReadableUse(OperatorCount entry) => entry.EncryptedUse switch
    {
        Formats.Onnx.Execution.OnnxEncryptedUse.Linear => "linear, one round",
        Formats.Onnx.Execution.OnnxEncryptedUse.Local => "local, no messages",
        Formats.Onnx.Execution.OnnxEncryptedUse.Nonlinear => "nonlinear, several rounds",
        Formats.Onnx.Execution.OnnxEncryptedUse.PublicOnly => "public operands only",
        _ => "no rule",
    };

    private static void WriteList(TextWriter writer, string title, IReadOnlyList<string> lines)
    {
        if (lines.Count > 0)
        {
            writer.WriteLine($"{title}: {string.Join(", ", lines)}");
        }
    }
}
