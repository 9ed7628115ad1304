using System.Text;
using Pellicle.Core.Errors;
using Pellicle.Core.Files;
using Pellicle.Reporting.Cards;
using Pellicle.Reporting.Html;
using Pellicle.Reporting.Runs;

namespace Pellicle.Reporting;

/// <summary>Read the run folders → build one self-contained page → check that it refers to nothing outside → write it, and the model card if asked for.</summary>
/// <remarks>The page holds no prediction, no file name of an image, and no image of a patient unless asked for. It depends on the files of the run folders alone: no clock, no network.</remarks>
public static class ReportPipeline
{
    /// <summary>Writes the report.</summary>
    /// <param name="request">Run folders and places.</param>
    /// <exception cref="UsageException">No run folder, or a card for several runs.</exception>
    /// <exception cref="DataFormatException">A folder is no run folder, or a file in it is damaged.</exception>
    /// <exception cref="EnvironmentException">The report cannot be written.</exception>
    public static ReportResult Run(ReportRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (request.RunFolders.Count == 0)
        {
            throw new UsageException("report was given no run folder; expected at least one.", "Name a folder that 'pellicle train' made, such as runs/last.");
        }

        if (request.Card is not null && request.RunFolders.Count > 1)
        {
            throw new UsageException($"--card was given with {request.RunFolders.Count} runs; a model card describes one model.", "Report one run at a time to write cards.");
        }

        RunContent[] runs = [.. request.RunFolders.Select(RunReader.Read).Select(run => WithPictures(run, request.IncludeImages))];
        string html = ReportPage.Build(runs);
        int references = ReferenceCounter.Count(html);
        if (references > 0)
        {
            throw new InvalidOperationException($"the report would refer to {references} things outside itself");
        }

        string file = request.OutFile ?? Path.Combine(request.RunFolders[0], "report.html");
        AtomicFile.WriteAllText(file, html);
        if (request.Card is { } card)
        {
            AtomicFile.WriteAllText(card, ModelCard.Build(runs[0]));
        }

        return new ReportResult(file, [.. request.RunFolders], Encoding.UTF8.GetByteCount(html), references, request.Card);
    }

    private static RunContent WithPictures(RunContent run, bool includeImages) =>
        !run.IsSynthetic && !includeImages ? run
        : run.Obfuscation is not null ? run with { ObfuscationSheet = SamplePictures.Sheet(Path.Combine(run.Folder, "obfuscation-sheet.png")) }
        : run with { Pictures = SamplePictures.Take(run.Folder) };
}
