using System.Globalization;
using System.Text;
using Pellicle.Core.Errors;
using Pellicle.Core.Files;
using Pellicle.Data;
using Pellicle.Native;
using Pellicle.Viewmaker.Generators;
using Pellicle.Viewmaker.Release.Dicom;
using Pellicle.Viewmaker.Training;

namespace Pellicle.Viewmaker.Release;

/// <summary>Check folders → open generator and key → walk the source → obfuscate each file by itself → write beside the tree → read back → table of all files.</summary>
/// <param name="progress">Files done and files in all.</param>
public sealed class ObfuscateApplyPipeline(Action<int, int> progress)
{
    private static readonly string[] Extensions = [".png", ".jpg", ".jpeg", ".dcm", ""];

    /// <summary>Applies a generator.</summary>
    /// <param name="request">What to do.</param>
    /// <param name="cancellation">Checked between files; files that are written stay.</param>
    /// <exception cref="PellicleException">Folders, key or run cannot be used. Single files that fail are listed in the result.</exception>
    public ObfuscateApplyResult Run(ObfuscateApplyRequest request, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        NativeRuntime.Start(request.Threads);
        ObfuscationFolder run = ObfuscationFolder.Open(request.RunFolder);
        ObfuscateTrainResult trained = Pellicle.Training.Runs.RunFolder.ReadJson<ObfuscateTrainResult>(run.Result);
        Check(request);
        (string root, string[] files) = FilesOf(request.Source);
        using Generator generator = Generator.Open(run.Generator);
        using var noise = new KeyedNoise(ObfuscationFolder.ReadKey(request.KeyFile ?? run.Key));
        string[] hidden = [.. trained.PrivateAttributes.Select(attribute => attribute.Name)];
        var obfuscator = new FileObfuscator(new ImageObfuscator(generator, noise), new HeaderCleaner(noise, request.Retain, hidden), request.JpegQuality);
        var outputs = new OutputNames(request.OutFolder, obfuscator);
        var outcomes = new List<FileOutcome>(files.Length);
        foreach (string file in files)
        {
            cancellation.ThrowIfCancellationRequested();
            outcomes.Add(One(request, obfuscator, outputs, file, Path.GetRelativePath(root, file)));
            progress(outcomes.Count, files.Length);
        }

        VerifySummary? verified = request.Verify && !request.DryRun ? new VerifySummary(Verify(outcomes, request.Retain, hidden), null) : null;
        string? report = request.DryRun ? null : WriteReport(request.OutFolder, outcomes);
        return Summary(request, outcomes, verified, report);
    }

    private static FileOutcome One(ObfuscateApplyRequest request, FileObfuscator obfuscator, OutputNames outputs, string file, string relative)
    {
        string target = outputs.For(relative);
        try
        {
            if (File.Exists(target))
            {
                return new FileOutcome(relative, target, null, $"'{target}' exists; nothing is overwritten");
            }

            FileChange change = obfuscator.Obfuscate(File.ReadAllBytes(file), relative);
            if (request.RequireNoBurnedIn && change.Headers is { MayBeBurnedIn: true })
            {
                return new FileOutcome(relative, target, null, "Burned In Annotation (0028,0301) is not NO");
            }

            if (!request.DryRun)
            {
                AtomicFile.WriteAllBytes(target, change.Content);
            }

            return new FileOutcome(relative, target, change with { Content = [] }, null);
        }
        catch (Exception e) when (e is DataFormatException or IOException or UnauthorizedAccessException or OverflowException)
        {
            return new FileOutcome(relative, target, null, e.Message);
        }
    }

    private static void Check(ObfuscateApplyRequest request)
    {
        string source = RealPath.Of(request.Source), target = RealPath.Of(request.OutFolder);
        if (RealPath.IsWithin(target, source) || RealPath.IsWithin(source, target))
        {
            throw new UsageException($"the source '{request.Source}' and --out '{request.OutFolder}' lie inside each other.", "Give a folder of its own for --out.");
        }

        string[] unknown = [.. request.Retain.Except(HeaderProfile.Options)];
        if (unknown.Length > 0)
        {
            throw new UsageException($"--retain names '{unknown[0]}', which is no option of the profile here. Expected {string.Join(", ", HeaderProfile.Options)}.", "Name some of these.");
        }
    }

    private static (string Root, string[] Files) FilesOf(string source)
    {
        if (File.Exists(source))
        {
            return (Path.GetDirectoryName(Path.GetFullPath(source))!, [Path.GetFullPath(source)]);
        }

        if (!Directory.Exists(source))
        {
            throw new DataFormatException($"'{source}' does not exist.", "Give a folder of PNG, JPEG and DICOM files, or one such file.");
        }

        string[] files = [.. Directory.EnumerateFiles(source, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint })
            .Where(file => Extensions.Contains(Path.GetExtension(file).ToLowerInvariant()) && (Path.HasExtension(file) || LooksLikeDicom(file))).Select(Path.GetFullPath).Order(StringComparer.Ordinal)];
        return files.Length > 0 ? (Path.GetFullPath(source), files) : throw new DataFormatException($"'{source}' holds no PNG, JPEG or DICOM file.", "Give another folder.");
    }

    // DICOM files often have no extension, and so have files of text.
    private static bool LooksLikeDicom(string file)
    {
        using FileStream stream = File.OpenRead(file);
        byte[] start = new byte[1024];
        return DicomDecoder.LooksLikeDicom(start.AsSpan(0, stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false)));
    }

    private static int Verify(List<FileOutcome> outcomes, IReadOnlyList<string> retained, string[] hidden)
    {
        int good = 0;
        for (int i = 0; i < outcomes.Count; i++)
        {
            if (outcomes[i].Change is null)
            {
                continue;
            }

            try
            {
                ImageFile.Read(outcomes[i].Target);
                ReleasedHeader.Require(outcomes[i].Target, retained, hidden);
                good++;
            }
            catch (DataFormatException e)
            {
                File.Delete(outcomes[i].Target);
                outcomes[i] = outcomes[i] with { Change = null, Reason = "read back, and deleted: " + e.Message };
            }
        }

        return good;
    }

    private static string WriteReport(string folder, List<FileOutcome> outcomes)
    {
        string path = Path.Combine(folder, "report.csv");
        for (int i = 2; File.Exists(path); i++)
        {
            path = Path.Combine(folder, $"report-{i}.csv");
        }

        var text = new StringBuilder("file,status,mean_abs_delta,max_abs_delta,reason\n");
        foreach (FileOutcome outcome in outcomes)
        {
            text.Append(CultureInfo.InvariantCulture, $"{Quote(outcome.File)},{(outcome.Change is null ? "failed" : "written")},{outcome.Change?.MeanAbsDelta:R},{outcome.Change?.MaxAbsDelta:R},{Quote(outcome.Reason ?? "")}\n");
        }

        AtomicFile.WriteAllText(path, text.ToString());
        return path;
    }

    private static string Quote(string text) => text.Any(c => c is ',' or '"' or '\n' or '\r') ? $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : text;

    private static ObfuscateApplyResult Summary(ObfuscateApplyRequest request, List<FileOutcome> outcomes, VerifySummary? verified, string? report)
    {
        FileChange[] changes = [.. outcomes.Select(outcome => outcome.Change).OfType<FileChange>()];
        HeaderChange[] headers = [.. changes.Select(change => change.Headers).OfType<HeaderChange>()];
        return new ObfuscateApplyResult
        {
            OutDir = request.OutFolder,
            Files = changes.Length,
            Failed = [.. outcomes.Where(outcome => outcome.Change is null).Select(outcome => new FailedFile(outcome.File, outcome.Reason!))],
            MeanAbsDelta = changes.Length == 0 ? null : changes.Average(change => change.MeanAbsDelta),
            MaxAbsDelta = changes.Length == 0 ? null : changes.Max(change => change.MaxAbsDelta),
            Dicom = new DicomSummary(headers.Length, headers.Sum(h => h.TagsRemoved), headers.Sum(h => h.TagsReplaced), headers.Sum(h => h.UidsRemapped), headers.Count(h => h.MayBeBurnedIn)),
            Verified = verified,
            DryRun = request.DryRun,
            Report = report,
        };
    }

    private sealed record FileOutcome(string File, string Target, FileChange? Change, string? Reason);
}
