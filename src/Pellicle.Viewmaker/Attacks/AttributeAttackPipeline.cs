using Pellicle.Core.Errors;
using Pellicle.Native;
using Pellicle.Training.Configuration;
using Pellicle.Viewmaker.Evaluation;
using Pellicle.Viewmaker.Readers;
using Pellicle.Viewmaker.Subjects;

namespace Pellicle.Viewmaker.Attacks;

/// <summary>Trains attackers on 70 % of the patients of any labelled images, chooses on 10 %, and tells how well they read attributes of the remaining 20 %. Whoever obfuscated the images plays no part.</summary>
/// <param name="note">Told about progress.</param>
public sealed class AttributeAttackPipeline(Action<string> note)
{
    /// <summary>Attacks.</summary>
    /// <param name="config">Data, image size, and the attributes.</param>
    /// <param name="options">Attackers; those that need originals are left out.</param>
    /// <param name="threads">Threads of numerical kernels.</param>
    /// <param name="skipsMissing">Leave out rows of the table whose image is not there; otherwise they are errors.</param>
    /// <param name="cancellation">Checked between steps.</param>
    /// <returns>One result for each attribute; every attacker reads all of them at once.</returns>
    /// <exception cref="PellicleException">Data or settings cannot be used.</exception>
    public IReadOnlyList<AttributeAttackResult> Run(TrainConfig config, AttackOptions options, int threads, bool skipsMissing = false, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        NativeRuntime.Start(threads);
        using SubjectData data = SubjectData.OpenForAttack(config, threads, skipsMissing);
        foreach (string warning in data.Dataset.Warnings)
        {
            note(warning);
        }

        int[] training = [.. data.RowsOf(SubjectPart.Generator).Concat(data.RowsOf(SubjectPart.Attacker)).Order()], test = [.. data.RowsOf(SubjectPart.Test)];
        LabelledPictures Of(IReadOnlyList<int> rows) => new(data.Pictures.Take(rows), [.. data.Attributes.Select(column => column.Take(rows))]);
        string[] units = [.. test.Select(row => data.Units[row])];
        var material = new AttackMaterial(Of(training), Of(data.RowsOf(SubjectPart.Validation)), Of(test), units);
        note($"{training.Length} images teach attackers, {data.RowsOf(SubjectPart.Validation).Count} choose, {test.Length} are reported{(data.HasPatients ? "; patients are on one side only" : "; no patients are known: images of one person may be on both sides")}");
        IReadOnlyList<AttackerReading> readings = new AttackerRuns(material, options, note).Run(cancellation);
        if (readings.Count == 0)
        {
            throw new UsageException("none of the attackers can run on released images alone.", $"Name some of {string.Join(", ", ReaderCatalog.Names)} with --attacker.");
        }

        var bootstrap = new PatientBootstrap(units, options.Replicates, options.Seed);
        return [.. data.Attributes.Select((column, i) => new AttributeAttack(data.Dataset.Source, FindingBeside(data, column)?.Take(test), bootstrap, data.PatientsOf(SubjectPart.Test)).Of(readings, column.Take(test), i))];
    }

    private static SubjectColumn? FindingBeside(SubjectData data, SubjectColumn attribute) => data.Task.Classes.Count < 2 || data.Task.Name == attribute.Name ? null : data.Task;
}
