using System.Text.Json;
using System.Text.RegularExpressions;
using Pellicle.Audit;
using Pellicle.Core.Errors;
using Pellicle.Formats.Json;
using Pellicle.Training.Evaluation;
using Pellicle.Training.Runs;
using Pellicle.Viewmaker.Training;

namespace Pellicle.Reporting.Runs;

/// <summary>Reads a run folder for a report: a missing file is noted, a damaged one is an error that names it.</summary>
internal static partial class RunReader
{
    private static readonly string[] Splits = ["test", "validation", "train"];

    /// <exception cref="DataFormatException">The folder does not exist, holds nothing of a run, or a file in it is damaged.</exception>
    public static RunContent Read(string folder)
    {
        if (!Directory.Exists(folder))
        {
            throw new DataFormatException($"the run folder '{folder}' does not exist.", "Give a folder that 'pellicle train' made, such as runs/last.");
        }

        var missing = new List<string>();
        string? Present(string file, string name)
        {
            if (File.Exists(file))
            {
                return file;
            }

            missing.Add(name);
            return null;
        }

        string In(string name) => Path.Combine(folder, name);
        if (File.Exists(In("obfuscation.json")))
        {
            return new RunContent
            {
                Folder = folder,
                Name = NameOf(folder),
                Run = Present(In("run.json"), "run.json (versions, times, seeds)") is { } record ? JsonFields.Read(record) : null,
                Config = Present(In("config.yaml"), "config.yaml (settings)") is { } settings ? HideSeed(ReadText(settings)) : null,
                Steps = [],
                Evaluations = [],
                Obfuscation = JsonFields.Read(In("obfuscation.json")),
                ObfuscationEvaluation = Present(In("obfuscation-evaluation.json"), "obfuscation-evaluation.json (pellicle obfuscate evaluate)") is { } evaluation ? JsonFields.Read(evaluation) : null,
                Rounds = Present(In("metrics.jsonl"), "metrics.jsonl (training curves)") is { } rounds ? LineLog.Read<RoundFigures>(rounds) : [],
                ObfuscationRelease = File.Exists(In("obfuscation-release.json")) ? JsonFields.Read(In("obfuscation-release.json")) : null,
                Missing = missing,
            };
        }

        JsonFields? run = Present(In("run.json"), "run.json (versions, times, seeds)") is { } r ? JsonFields.Read(r) : null;
        JsonFields? privacy = Present(In("privacy.json"), "privacy.json (privacy statement)") is { } p ? JsonFields.Read(p) : null;
        string? config = Present(In("config.yaml"), "config.yaml (settings)") is { } c ? HideSeed(ReadText(c)) : null;
        IReadOnlyList<StepMetrics> steps = Present(In("metrics.jsonl"), "metrics.jsonl (training curves)") is { } m ? ReadSteps(m) : [];
        EvalResult[] evaluations = [.. Splits.Select(split => In($"eval-{split}.json")).Where(File.Exists).Select(RunFolder.ReadJson<EvalResult>)];
        AuditResult? audit = Present(In("audit.json"), "audit.json (pellicle audit)") is { } a ? RunFolder.ReadJson<AuditResult>(a) : null;
        if (evaluations.Length == 0)
        {
            missing.Add("eval-test.json (pellicle eval)");
        }

        if (run is null && privacy is null && config is null)
        {
            throw new DataFormatException($"'{folder}' is no run folder: it has neither run.json nor privacy.json nor config.yaml.", "Give a folder that 'pellicle train' made, such as runs/last.");
        }

        return new RunContent
        {
            Folder = folder,
            Name = NameOf(folder),
            Run = run,
            Privacy = privacy,
            Ledger = privacy?.Flag("private") == true ? LedgerState.Check(In("ledger.jsonl"), privacy) : null,
            Config = config,
            Steps = steps,
            Evaluations = evaluations,
            Audit = audit,
            EncryptedPrediction = File.Exists(In("mpc.json")) ? JsonFields.Read(In("mpc.json")) : null,
            Missing = missing,
        };
    }

    private static List<StepMetrics> ReadSteps(string file)
    {
        string[] lines = ReadText(file).Split('\n');
        var steps = new List<StepMetrics>(lines.Length);
        for (int i = 0; i < lines.Length; i++)
        {
            if (string.IsNullOrWhiteSpace(lines[i]))
            {
                continue;
            }

            try
            {
                steps.Add(JsonSerializer.Deserialize<StepMetrics>(lines[i], PellicleJson.Line) ?? throw new JsonException("null"));
            }
            catch (JsonException) when (i == lines.Length - 1)
            {
                break; // the last line of a killed run may be cut off
            }
            catch (JsonException e)
            {
                throw new DataFormatException($"'{file}' line {i + 1} is not valid: {e.Message}", "The run folder is damaged: restore the file, or remove it to report without training curves.", inner: e);
            }
        }

        return steps;
    }

    private static string ReadText(string file)
    {
        try
        {
            return File.ReadAllText(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DataFormatException($"cannot read '{file}': {e.Message}", "Give a readable run folder.", inner: e);
        }
    }

    private static string NameOf(string folder)
    {
        string full = Path.GetFullPath(folder);
        string target = Directory.ResolveLinkTarget(full, returnFinalTarget: true)?.FullName ?? full;
        return Path.GetFileName(target.TrimEnd(Path.DirectorySeparatorChar)) is { Length: > 0 } name ? name : folder;
    }

    // Whoever knows the seed of the noise can subtract it.
    private static string HideSeed(string yaml) => InsecureSeed().Replace(yaml, "$1(set; not shown)");

    [GeneratedRegex("""(insecureSeed\s*"?\s*:\s*)\d+""", RegexOptions.IgnoreCase)]
    private static partial Regex InsecureSeed();
}
