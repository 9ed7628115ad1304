using System.Text.Json;
using Pellicle.Core.Errors;
using Pellicle.Core.Files;
using Pellicle.Formats.Json;

namespace Pellicle.Training.Runs;

/// <summary>The folder that holds everything a training run did; later commands take it as their argument.</summary>
/// <remarks>Every file is written under a temporary name and renamed, and logs are append-only lines, so the folder of a killed run always loads.</remarks>
public sealed class RunFolder
{
    private RunFolder(string path) => Root = path;

    /// <summary>The folder, as given (links not resolved).</summary>
    public string Root { get; }

    /// <summary>Effective settings.</summary>
    public string ConfigFile => In("config.yaml");

    /// <summary>Versions, times, seeds, status: a <c>RunRecord</c>.</summary>
    public string RunFile => In("run.json");

    /// <summary>The privacy statement; absent until training ends or is interrupted.</summary>
    public string PrivacyFile => In("privacy.json");

    /// <summary>Every composed event, in a hash chain; absent for a run without privacy.</summary>
    public string LedgerFile => In("ledger.jsonl");

    /// <summary>One line per step. Computed from private data: stays in the run folder.</summary>
    public string MetricsFile => In("metrics.jsonl");

    /// <summary>Event files for TensorBoard. Computed from private data: stays in the run folder.</summary>
    public string TensorBoardFolder => In("tensorboard");

    /// <summary>Result of the audit, if one was made.</summary>
    public string AuditFile => In("audit.json");

    /// <summary>Result of attacks made by themselves, if there were any.</summary>
    public string AttackFile => In("attack.json");

    /// <summary>The sealed key of noise and sampling; exists only while the run is unfinished.</summary>
    public string KeyFile => In("checkpoints", "run.key");

    /// <summary>Weights, optimiser state and averages of the last checkpoint.</summary>
    public string CheckpointTensors => In("checkpoints", "last.safetensors");

    /// <summary>Position of the last checkpoint.</summary>
    public string CheckpointRecord => In("checkpoints", "last.json");

    /// <summary>The trained model with its metadata.</summary>
    public string ModelFolder => In("model");

    /// <summary>The parameters of the last step, where <see cref="ModelFolder"/> holds a moving average.</summary>
    public string LastStepFolder => In("model-last-step");

    /// <summary>Result of <c>eval</c> on a split.</summary>
    /// <param name="split">train, validation or test.</param>
    public string EvaluationFile(string split) => In($"eval-{split}.json");

    /// <summary>Weights of the best epoch so far, if the run looks for it.</summary>
    public string BestWeights => In("checkpoints", "best.safetensors");

    /// <summary>Predictions of a split. Private data: never put into a report.</summary>
    /// <param name="split">train, validation or test.</param>
    public string PredictionsFile(string split) => In("predictions", $"{split}.csv");

    /// <summary>Makes a new run folder.</summary>
    /// <param name="path">Where; must not exist, or be empty.</param>
    /// <exception cref="UsageException">The folder already holds files.</exception>
    /// <exception cref="EnvironmentException">It cannot be written.</exception>
    public static RunFolder Create(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (Directory.Exists(path) && Directory.EnumerateFileSystemEntries(path).Any())
        {
            throw new UsageException($"the run folder '{path}' already holds files; a run needs a folder of its own.", "Give another --out, or continue that run with --resume.");
        }

        try
        {
            Directory.CreateDirectory(Path.Combine(path, "checkpoints"));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new EnvironmentException($"cannot make the run folder '{path}': {e.Message}", "Give a writable --out.", inner: e);
        }

        return new RunFolder(path);
    }

    /// <summary>True if a folder is that of a run.</summary>
    /// <param name="path">Any folder.</param>
    public static bool IsRun(string path) => File.Exists(new RunFolder(path).RunFile);

    /// <summary>Opens an existing run folder.</summary>
    /// <param name="path">Such as <c>runs/last</c>.</param>
    /// <exception cref="DataFormatException">It is no run folder.</exception>
    public static RunFolder Open(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (!Directory.Exists(path))
        {
            throw new DataFormatException($"the run folder '{path}' does not exist.", "Give a folder that 'pellicle train' made, such as runs/last.");
        }

        var folder = new RunFolder(path);
        return File.Exists(folder.RunFile)
            ? folder
            : throw new DataFormatException($"'{path}' is no run folder: it has no run.json.", "Give a folder that 'pellicle train' made, such as runs/last.");
    }

    /// <summary>Points <c>last</c> beside the folder to it.</summary>
    public void LinkAsLast()
    {
        string full = Path.GetFullPath(Root);
        string link = Path.Combine(Path.GetDirectoryName(full)!, "last");
        var former = new DirectoryInfo(link);
        if (former.LinkTarget is null && (former.Exists || File.Exists(link)))
        {
            return; // someone keeps a real folder of that name: leave it alone
        }

        if (former.LinkTarget is not null)
        {
            File.Delete(link); // removes the link, also a dangling one; never its target
        }

        Directory.CreateSymbolicLink(link, Path.GetFileName(full));
    }

    /// <summary>Writes a record as JSON.</summary>
    /// <typeparam name="T">Record type.</typeparam>
    /// <param name="file">One of this folder's paths.</param>
    /// <param name="record">Content.</param>
    public static void WriteJson<T>(string file, T record) => AtomicFile.WriteAllText(file, JsonSerializer.Serialize(record, PellicleJson.Indented) + "\n");

    /// <summary>Reads a record.</summary>
    /// <typeparam name="T">Record type.</typeparam>
    /// <param name="file">One of this folder's paths.</param>
    /// <exception cref="DataFormatException">Missing, or not what it should be.</exception>
    public static T ReadJson<T>(string file)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize<T>(File.ReadAllText(file), PellicleJson.Indented)
                ?? throw new DataFormatException($"'{file}' is empty.", "The run folder is damaged: train again, or restore the file.");
        }
        catch (JsonException e)
        {
            throw new DataFormatException($"'{file}' is not valid: {e.Message}", "The run folder is damaged: train again, or restore the file.", inner: e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DataFormatException($"cannot read '{file}': {e.Message}", "Give a complete run folder.", inner: e);
        }
    }

    private string In(params string[] parts) => Path.Combine([Root, .. parts]);
}
