using Pellicle.Core.Random;
using Pellicle.Viewmaker.Evaluation;
using Pellicle.Viewmaker.Generators;
using Pellicle.Viewmaker.Readers;
using Pellicle.Viewmaker.Release;
using Pellicle.Viewmaker.Subjects;

namespace Pellicle.Viewmaker.Training;

/// <summary>Judges a generator during training: attackers that start from nothing, and the task's network as it is and trained further, learn on obfuscated pictures of G that never taught the generator, and read the validation patients.</summary>
internal sealed class FreshJudge
{
    private const string Architecture = "cnn_plain";

    // A judge that learns less than the attackers of the evaluation would choose rounds that only look good.
    private static readonly double[] LearningRates = [1e-3, 3e-3];
    private readonly LabelledPictures _check, _validation;
    private readonly Reader _task;
    private readonly ISeededRandom _random;

    /// <summary>Sets up a judge, and reads the task from originals.</summary>
    /// <param name="check">Pictures of G set aside; column 0 is the task, the rest are attributes.</param>
    /// <param name="validation">Pictures of V, same columns.</param>
    /// <param name="task">The frozen network of the task.</param>
    /// <param name="random">Root of initial values, order and augmentation.</param>
    /// <param name="cancellation">Checked between steps.</param>
    public FreshJudge(LabelledPictures check, LabelledPictures validation, Reader task, ISeededRandom random, CancellationToken cancellation)
    {
        (_check, _validation, _task, _random) = (check, validation, task, random);
        TaskAucOriginal = ReadTask(check, validation, random.Derive("originals"), cancellation);
    }

    /// <summary>AUC of the task's network on original validation pictures, as it is or trained further on originals: the better of both.</summary>
    public double TaskAucOriginal { get; }

    /// <summary>Judges the generator as it is.</summary>
    public SelectedRound Judge(Generator generator, int round, CancellationToken cancellation)
    {
        ISeededRandom own = _random.Derive("judge", (ulong)round);
        LabelledPictures training = Obfuscated(_check, generator, own.Derive("noise of check")), judged = Obfuscated(_validation, generator, own.Derive("noise of validation"));
        LabelledPictures teaching = OriginalReaders.Rest(training), attributes = OriginalReaders.Rest(judged);
        double leakage = LearningRates.Max(rate => Aucs(teaching, attributes, rate, own, cancellation).Max(scores => scores.Leakage() ?? 0.5));

        // Who uses released pictures may go on training with them or not: the better of the two, against the better of the two on originals.
        return new SelectedRound(round, leakage, ReadTask(training, judged, own, cancellation), Change(_validation.Pictures, judged.Pictures));
    }

    private double ReadTask(LabelledPictures training, LabelledPictures judged, ISeededRandom random, CancellationToken cancellation)
    {
        LabelledPictures own = OriginalReaders.First(judged), teaching = OriginalReaders.First(training);
        using var tuned = Reader.For(_task.Architecture, teaching.Pictures, teaching.Columns, random.Derive("task init"));
        tuned.Restore(_task.Snapshot());
        ReaderTraining.Fit(tuned, teaching, own, new ReaderTrainingOptions { Epochs = 24, Batch = 32, LearningRate = LearningRates[0] }, random.Derive("task fit"), cancellation);
        return Math.Max(Auc(_task, own), Auc(tuned, own));
    }

    private static double Auc(Reader reader, LabelledPictures pictures) => ColumnScores.Of(reader.Margins(reader.Outputs(pictures.Pictures), 0), pictures.Columns[0]).Auc() ?? 0.5;

    private static ColumnScores[] Aucs(LabelledPictures teaching, LabelledPictures judged, double learningRate, ISeededRandom random, CancellationToken cancellation)
    {
        using var reader = Reader.For(Architecture, teaching.Pictures, teaching.Columns, random.Derive("init"));
        ReaderTraining.Fit(reader, teaching, judged, new ReaderTrainingOptions { Epochs = 24, Batch = 32, LearningRate = learningRate }, random.Derive("fit"), cancellation);
        float[] outputs = reader.Outputs(judged.Pictures);
        return [.. judged.Columns.Select((column, c) => ColumnScores.Of(reader.Margins(outputs, c), column))];
    }

    // A key of its own for each part and round: the judge must not meet the same noise twice. This noise protects nobody, and a resumed game must choose the same round.

    private static LabelledPictures Obfuscated(LabelledPictures pictures, Generator generator, ISeededRandom random) =>
        pictures with { Pictures = PictureRelease.ObfuscateForTraining(generator, pictures.Pictures, random) };

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
