using Pellicle.Core.Errors;
using Pellicle.Training.Configuration;
using Pellicle.Viewmaker.Attacks;
using Pellicle.Viewmaker.Training;

namespace Pellicle.Viewmaker.Release;

/// <summary>Attacks the files of a release by fresh networks, where a table beside the sources (or one that was named) tells their attributes.</summary>
/// <remarks>Images that taught the generator may be among the files, which makes the leakage look smaller than for other people; the figure that counts is that of <c>obfuscate evaluate</c>.</remarks>
/// <param name="note">Told about progress.</param>
internal sealed class ReleaseAttack(Action<string> note)
{
    private const string TableName = "labels.csv";

    /// <summary>Attacks.</summary>
    /// <param name="request">Source, folder of the results, table, attackers.</param>
    /// <param name="run">Its settings name the attributes to read, the columns and the image size.</param>
    /// <param name="cancellation">Checked between steps.</param>
    /// <returns>One result for each hidden attribute; or none, and why.</returns>
    public (IReadOnlyList<AttributeAttackResult> Attributes, string? NotAttacked) Run(ObfuscateApplyRequest request, ObfuscationFolder run, CancellationToken cancellation)
    {
        if (TableOf(request) is not { } table)
        {
            return ([], $"no labels are at hand: '{request.Source}' holds no {TableName}, and --labels was not given");
        }

        TrainConfig config = ObfuscationConfig.Read(run);
        config = config with { Data = config.Data with { Source = "csv:" + table, ImageRoot = request.OutFolder, Limit = null, Attributes = [] } };
        try
        {
            return (new AttributeAttackPipeline(note).Run(config, request.Attack, request.Threads, skipsMissing: true, cancellation), null);
        }
        catch (PellicleException e) when (e is DataFormatException or UsageException)
        {
            return ([], $"'{table}' does not serve: {(e.Problems.Count > 0 ? e.Problems[0].Message : e.Message)}");
        }
    }

    private static string? TableOf(ObfuscateApplyRequest request)
    {
        string table = request.Labels ?? Path.Combine(request.Source, TableName);
        return File.Exists(table) ? table : null;
    }
}
