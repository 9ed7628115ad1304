using Pellicle.Core.Random;
using Pellicle.Viewmaker.Evaluation;
using Pellicle.Viewmaker.Generators;
using Pellicle.Viewmaker.Readers;
using Pellicle.Viewmaker.Release;
using Pellicle.Viewmaker.Subjects;

namespace Pellicle.Viewmaker.Training;

/// <summary>Judges a generator during training: an attacker that starts from nothing learns on obfuscated pictures of G that never taught the generator, and reads the validation patients.</summary>
/// <param name="check">Pictures of G set aside; column 0 is the task, the rest are attributes.</param>
/// <param name="validation">Pictures of V, same columns.</param>
/// <param name="task">The frozen network of the task.</param>
/// <param name="random">Root of initial values, order and augmentation.</param>
internal sealed class FreshJudge(LabelledPictures check, LabelledPictures validation, Reader task, ISeededRandom random)
{
    private const string Architecture = "cnn_plain";

    /// <summary>AUC of the task's network on original validation pictures.</summary>
    public double TaskAucOriginal { get; } = TaskAuc(task, validation);

    /// <summary>Judges the generator as it is.</summary>
    public SelectedRound Judge(Generator generator, int round, CancellationToken cancellation)
    {
        ISeededRandom own = random.Derive("judge", (ulong)round);
        LabelledPictures training = Obfuscated(check, generator, own.Derive("noise of check")), judged = Obfuscated(validation, generator, own.Derive("noise of validation"));
        LabelledPictures attributes = judged with { Columns = [.. judged.Columns.Skip(1)] };
        using var reader = Reader.For(Architecture, check.Pictures, attributes.Columns, own.Derive("init"));
        ReaderTraining.Fit(reader, training with { Columns = [.. training.Columns.Skip(1)] }, attributes, new ReaderTrainingOptions { Epochs = 12, Batch = 32 }, own.Derive("fit"), cancellation);
        float[] outputs = reader.Outputs(attributes.Pictures);
        double leakage = attributes.Columns.Select((column, c) => ColumnScores.Of(reader.Margins(outputs, c), column).Leakage() ?? 0.5).Max();
        return new SelectedRound(round, leakage, TaskAuc(task, judged), Change(validation.Pictures, judged.Pictures));
    }

    // A key of its own for each part and round: the judge must not meet the same noise twice. This noise protects nobody, and a resumed game must choose the same round.
    private static LabelledPictures Obfuscated(LabelledPictures pictures, Generator generator, ISeededRandom random)
    {
        byte[] key = [.. Enumerable.Range(0, 4).SelectMany(_ => BitConverter.GetBytes(random.NextUInt64()))];
        using var noise = new KeyedNoise(key);
        return pictures with { Pictures = PictureRelease.Obfuscate(generator, pictures.Pictures, row => noise.For(row.ToString())) };
    }

    private static double TaskAuc(Reader task, LabelledPictures pictures) =>
        ColumnScores.Of(task.Margins(task.Outputs(pictures.Pictures), 0), pictures.Columns[0]).Auc() ?? 0.5;

    private static double Change(PictureSet before, PictureSet after)
    {
        double sum = 0;
        for (int i = 0; i < before.Count; i++)
        {
            for (int k = 0; k < before.SampleCount; k++)
            {
                sum += Math.Abs(before[i][k] - after[i][k]);
            }
        }

        return sum / 255 / ((double)before.Count * before.SampleCount);
    }
}
