using System.Globalization;
using System.Text;
using Pellicle.Core.Errors;
using Pellicle.Core.Files;
using Pellicle.Data;
using Pellicle.Native;
using Pellicle.Training.Runs;
using Pellicle.Viewmaker.Attacks;
using Pellicle.Viewmaker.Generators;
using Pellicle.Viewmaker.Release.Dicom;
using Pellicle.Viewmaker.Training;

namespace Pellicle.Viewmaker.Release;

/// <summary>Check folders → open generator and key → walk the source → obfuscate each file by itself → write beside the tree → read back, and attack what was written → table of all files.</summary>
/// <param name="progress">Files done and files in all.</param>
/// <param name="note">Told about the attackers.</param>
public sealed class ObfuscateApplyPipeline(Action<int, int> progress, Action<string> note)
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
        ObfuscateTrainResult trained = RunFolder.ReadJson<ObfuscateTrainResult>(run.Result);
        request.Attack.Validate();
        HiddenTags hidden = HiddenTags.Of([.. trained.PrivateAttributes.Select(attribute => attribute.Name)]);
        Check(request, hidden);
        (string root, string[] files) = FilesOf(request.Source);
        using Generator generator = Generator.Open(run.Generator);
        using var noise = new KeyedNoise(ObfuscationFolder.ReadKey(request.KeyFile ?? run.Key));
        var obfuscator = new FileObfuscator(new ImageObfuscator(generator, noise), new HeaderCleaner(noise, request.Retain, hidden), request.JpegQuality);
        var outputs = new OutputNames(request.OutFolder, obfuscator, files.Select(file => Path.GetRelativePath(root, file)));
        var outcomes = new List<FileOutcome>(files.Length);
        foreach (string file in files)
        {
            cancellation.ThrowIfCancellationRequested();
            outcomes.Add(One(request, obfuscator, outputs, file, Path.GetRelativePath(root, file)));
            progress(outcomes.Count, files.Length);
        }

        bool verifies = request.Verify && !request.DryRun;
        int reread = verifies ? Verify(outcomes, request.Retain, hidden) : 0;
        string? report = request.DryRun ? null : WriteReport(request.OutFolder, outcomes);
        VerifySummary? verified = verifies ? Verified(request, run, reread, cancellation) : null;
        ObfuscateApplyResult result = Summary(request, outcomes, verified, report);
        if (verified is not null)
        {
            RunFolder.WriteJson(run.Release, result);
        }

        return result;
    }

    private VerifySummary Verified(ObfuscateApplyRequest request, ObfuscationFolder run, int reread, CancellationToken cancellation)
    {
        (IReadOnlyList<AttributeAttackResult> attributes, string? reason) = new ReleaseAttack(note).Run(request, run, cancellation);
        AttributeAttackResult? worst = attributes.MaxBy(attribute => attribute.WorstLeakage);
        return new VerifySummary(reread, worst?.WorstLeakage, worst?.WorstLeakageInterval, attributes, reason);
    }

    private static FileOutcome One(ObfuscateApplyRequest request, FileObfuscator obfuscator, OutputNames outputs, string file, string relative)
    {
        string target = outputs.For(relative);
        try
        {
            FileChange change = obfuscator.Obfuscate(File.ReadAllBytes(file), relative);
            if (request.RequireNoBurnedIn && change.Headers is { MayBeBurnedIn: true })
            {
                return new FileOutcome(relative, target, null, "Burned In Annotation (0028,0301) is not NO");
            }

            // The same key and file give the same bytes: what an interrupted call has written stays, and counts.
            bool isThere = File.Exists(target);
            if (isThere && !File.ReadAllBytes(target).AsSpan().SequenceEqual(change.Content))
            {
                return new FileOutcome(relative, target, null, $"'{target}' exists with another content; nothing is overwritten");
            }

            if (!isThere && !request.DryRun)
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

    private static void Check(ObfuscateApplyRequest request, HiddenTags hidden)
    {
        string source = RealPath.Of(request.Source), target = RealPath.Of(request.OutFolder);
        if (RealPath.IsWithin(target, source) || RealPath.IsWithin(source, target))
        {
            throw new UsageException($"the source '{request.Source}' and --out '{request.OutFolder}' lie inside each other.", "Give a folder of its own for --out.");
        }

        if (request.Labels is { } table && !File.Exists(table))
        {
            throw new DataFormatException($"the table '{table}' of --labels does not exist.", "Give a CSV file with the file names of the source and the hidden attributes.");
        }

        string[] unknown = [.. request.Retain.Except(HeaderProfile.Options)];
        if (unknown.Length > 0)
        {
            throw new UsageException($"--retain names '{unknown[0]}', which is no option of the profile here. Expected {string.Join(", ", HeaderProfile.Options)}.", "Name some of these.");
        }

        if (hidden.Device && request.Retain.Contains("device"))
        {
            throw new UsageException("--retain device keeps maker, model and serial number in DICOM headers, but the device is what this run hides in the pixels.", "Leave device out of --retain.");
        }
    }

    private static (string Root, string[] Files) FilesOf(string source)
    {
        if (File.Exists(source) && Path.GetExtension(source).Equals(".zip", StringComparison.OrdinalIgnoreCase))
        {
            throw new DataFormatException($"'{source}' is an archive; expected a folder of PNG, JPEG and DICOM files, or one such file.", "Unpack it, and give the folder.");
        }

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

    private static int Verify(List<FileOutcome> outcomes, IReadOnlyList<string> retained, HiddenTags hidden)
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
            text.Append(CultureInfo.InvariantCulture, $"{CsvField.Quote(outcome.File)},{(outcome.Change is null ? "failed" : "written")},{outcome.Change?.MeanAbsDelta:R},{outcome.Change?.MaxAbsDelta:R},{CsvField.Quote(outcome.Reason ?? "")}\n");
        }

        AtomicFile.WriteAllText(path, text.ToString());
        return path;
    }

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
