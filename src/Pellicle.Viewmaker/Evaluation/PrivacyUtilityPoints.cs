using Pellicle.Core.Random;
using Pellicle.Viewmaker.Readers;
using Pellicle.Viewmaker.Subjects;

namespace Pellicle.Viewmaker.Evaluation;

/// <summary>Measures one way of changing pictures by one fresh plain CNN for the attributes and one fresh network for the task: cheap enough for curves, and the same for all.</summary>
internal sealed class PrivacyUtilityPoints(SubjectData data, int[] a, int[] v, int[] t, string taskArchitecture, int epochs, ISeededRandom random)
{
    /// <summary>Scores of a fresh plain CNN on test pictures, one a column.</summary>
    public ColumnScores[] Attack(PictureSet training, PictureSet validation, PictureSet test, IReadOnlyList<SubjectColumn> columns, string purpose, CancellationToken cancellation)
    {
        ISeededRandom own = random.Derive(purpose);
        using var reader = Reader.For("cnn_plain", training, columns, own.Derive("init"));
        ReaderTraining.Fit(reader, Of(training, a, columns), Of(validation, v, columns), new ReaderTrainingOptions { Epochs = epochs }, own, cancellation);
        float[] outputs = reader.Outputs(test);
        return [.. columns.Select((column, c) => ColumnScores.Of(reader.Margins(outputs, c), column.Take(t)))];
    }

    /// <summary>A point of the plane.</summary>
    public BaselinePoint Of(string name, string parameters, (PictureSet A, PictureSet V, PictureSet T) changed, PictureSet originals, CancellationToken cancellation)
    {
        double leakage = Attack(changed.A, changed.V, changed.T, data.Attributes, name + parameters, cancellation).Max(column => column.Leakage() ?? 0.5);
        var material = new TaskMaterial(Of(changed.A, a, [data.Task]), Of(changed.V, v, [data.Task]), Of(changed.T, t, [data.Task]));
        using Reader task = TaskUtility.Fresh(taskArchitecture, material, epochs, random.Derive(name + parameters), cancellation);
        return new BaselinePoint(name, parameters, leakage, TaskUtility.Scores(task, material.Test).Auc() ?? 0.5, Fidelity.Of(originals, changed.T, null).MeanAbsDelta);
    }

    private static LabelledPictures Of(PictureSet pictures, int[] rows, IReadOnlyList<SubjectColumn> columns) => new(pictures, [.. columns.Select(column => column.Take(rows))]);
}
