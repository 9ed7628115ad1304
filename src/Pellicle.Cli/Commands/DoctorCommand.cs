using Pellicle.Cli.Doctor;
using Pellicle.Core.Errors;

namespace Pellicle.Cli.Commands;

/// <summary><c>doctor</c>: what the machine has, and what is missing.</summary>
internal sealed class DoctorCommand : CliCommand
{
    public override string Name => "doctor";

    public override string Summary => "check processor, memory, native libraries, folders";

    public override IReadOnlyList<string> Examples => ["pellicle doctor", "pellicle doctor --json"];

    public override IReadOnlyList<string> Details => ["Exit code 0, or 3 if something needed is missing."];

    public override CommandOutcome Run(CommandContext context)
    {
        DoctorResult result = new MachineDoctor(context.Host, context.Out ?? "runs").Run();
        DoctorCheck[] missing = [.. result.Checks.Where(c => c.Status == DoctorStatus.Missing)];
        EnvironmentException? failure = missing.Length == 0
            ? null
            : new EnvironmentException(
                $"this machine lacks: {string.Join(", ", missing.Select(c => c.Name))}.",
                missing[0].Hint,
                [.. missing.Select(c => new Problem(c.Name, c.Detail, c.Hint))]);
        return new CommandOutcome(result, writer => Write(writer, result), failure);
    }

    private static void Write(TextWriter writer, DoctorResult result)
    {
        foreach (DoctorCheck check in result.Checks)
        {
            string status = check.Status switch { DoctorStatus.Ok => "ok", DoctorStatus.Warning => "warning", _ => "MISSING" };
            writer.WriteLine($"  {status,-8} {check.Name,-17} {check.Detail}");
            if (check.Status != DoctorStatus.Ok && check.Hint.Length > 0)
            {
                writer.WriteLine($"  {"",-8} {"",-17} {check.Hint}");
            }
        }
    }
}
