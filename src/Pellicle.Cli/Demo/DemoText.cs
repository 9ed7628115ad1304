using Pellicle.Cli.Mpc;
using Pellicle.Cli.Output;

namespace Pellicle.Cli.Demo;

/// <summary>The result of the demo for people.</summary>
internal static class DemoText
{
    public static void Write(TextWriter writer, DemoResult result)
    {
        ArgumentNullException.ThrowIfNull(result);
        TrainText.Write(writer, result.Train);
        writer.WriteLine();
        EvalText.Write(writer, result.Eval);
        writer.WriteLine();
        Commands.AuditCommand.Write(writer, result.Audit);
        writer.WriteLine();
        writer.WriteLine($"exported {string.Join(", ", result.Export.Files)}; encrypted prediction of {result.Mpc.Predictions.Count} test images:");
        MpcText.Write(writer, result.Mpc);
        writer.WriteLine();
        writer.WriteLine($"Everything is in {result.OutDir}; open {result.Report}");
        writer.WriteLine($"{ReadableNumber.Duration(result.SecondsTotal)}. SYNTHETIC – not patient data.");
    }
}
