using Pellicle.Core.Errors;
using Pellicle.Native;
using Pellicle.Training.Configuration;
using Pellicle.Viewmaker.Evaluation;
using Pellicle.Viewmaker.Readers;
using Pellicle.Viewmaker.Subjects;

namespace Pellicle.Viewmaker.Attacks;

/// <summary>Trains attackers on 70 % of the patients of any labelled images, chooses on 10 %, and tells how well they read an attribute of the remaining 20 %. Whoever obfuscated the images plays no part.</summary>
/// <param name="note">Told about progress.</param>
public sealed class AttributeAttackPipeline(Action<string> note)
{
    /// <summary>Attacks.</summary>
    /// <param name="config">Data, image size, and the one attribute.</param>
    /// <param name="options">Attackers; those that need originals are left out.</param>
    /// <param name="threads">Threads of numerical kernels.</param>
    /// <param name="cancellation">Checked between steps.</param>
    /// <exception cref="PellicleException">Data or settings cannot be used.</exception>
    public AttributeAttackResult Run(TrainConfig config, AttackOptions options, int threads, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        NativeRuntime.Start(threads);
        using SubjectData data = SubjectData.Open(config, threads);
        int[] training = [.. data.RowsOf(SubjectPart.Generator).Concat(data.RowsOf(SubjectPart.Attacker)).Order()], test = [.. data.RowsOf(SubjectPart.Test)];
        LabelledPictures Of(IReadOnlyList<int> rows) => new(data.Pictures.Take(rows), [.. data.Attributes.Select(column => column.Take(rows))]);
        string[] units = [.. test.Select(row => data.Units[row])];
        var material = new AttackMaterial(Of(training), Of(data.RowsOf(SubjectPart.Validation)), Of(test), units);
        IReadOnlyList<AttackerReading> readings = new AttackerRuns(material, options, note).Run(cancellation);
        if (readings.Count == 0)
        {
            throw new UsageException("none of the attackers can run on released images alone.", $"Name some of {string.Join(", ", ReaderCatalog.Names)} with --attacker.");
        }

        var bootstrap = new PatientBootstrap(units, options.Replicates, options.Seed);
        return new AttributeAttack(data.Dataset.Source, data.Task.Name == data.Attributes[0].Name ? null : data.Task.Take(test), bootstrap, data.UnitsOf(SubjectPart.Test)).Of(readings, data.Attributes[0].Take(test), 0);
    }
}
