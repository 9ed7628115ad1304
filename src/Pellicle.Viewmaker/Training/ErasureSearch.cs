using Pellicle.Core.Random;
using Pellicle.Nn;
using Pellicle.Tensors;
using Pellicle.Viewmaker.Generators;
using Pellicle.Viewmaker.Readers;
using Pellicle.Viewmaker.Release;

namespace Pellicle.Viewmaker.Training;

/// <summary>Finds how many and which directions of picture space to replace by noise, before the game: an attacker learns on what is left, the directions it reads are replaced as well, and so on; a fresh attacker judges each stage.</summary>
/// <param name="generator">Its erasure is fitted.</param>
/// <param name="teachers">Pictures that teach; column 0 is the task, the rest are attributes.</param>
/// <param name="check">Pictures that choose the attackers' epochs, same columns.</param>
/// <param name="task">The frozen network of the task: the directions that it reads most are left alone.</param>
/// <param name="original">The attacker who learned on originals: the directions it reads go first.</param>
/// <param name="random">Root of everything random.</param>
internal sealed class ErasureSearch(Generator generator, LabelledPictures teachers, LabelledPictures check, Reader task, Reader original, ISeededRandom random)
{
    private const int Stages = 4;
    private const int DirectionsOfTheTask = 16;
    private const string Architecture = "cnn_plain";
    private const int Batch = 64;

    /// <summary>Fits.</summary>
    /// <param name="none">How the generator was judged without any direction; null if it was not.</param>
    /// <param name="judge">Judges a stage of so many directions.</param>
    /// <param name="best">The best of the stages judged so far.</param>
    /// <param name="cancellation">Checked between steps.</param>
    public void Run(SelectedRound? none, Func<int, SelectedRound> judge, Func<IReadOnlyList<SelectedRound>, SelectedRound> best, CancellationToken cancellation)
    {
        if (generator.Erasure is not { } erasure)
        {
            return;
        }

        using ErasureFit fit = Fit(erasure);
        List<(SelectedRound Judged, int Count)> stages = [.. none is null ? [] : new[] { (none, 0) }, (judge(fit.Count), fit.Count)];
        using (TensorScope scope = TensorScope.Open())
        {
            fit.Protect(Slopes(task, OriginalReaders.First(teachers), cancellation), DirectionsOfTheTask);
        }

        for (int stage = 0; stage < Stages && fit.Count < erasure.Directions; stage++)
        {
            int before = fit.Count;
            using TensorScope scope = TensorScope.Open();
            Tensor slopes = stage == 0 ? Slopes(original, OriginalReaders.Rest(teachers), cancellation) : Remaining(random.Derive("stage", (ulong)stage), cancellation);
            fit.Add(slopes, Math.Max(2, (erasure.Directions - before) / (Stages - stage)));
            if (fit.Count == before)
            {
                break;
            }

            stages.Add((judge(fit.Count), fit.Count));
        }

        SelectedRound chosen = best([.. stages.Select(stage => stage.Judged)]);
        fit.Keep(stages.First(stage => ReferenceEquals(stage.Judged, chosen)).Count);
    }

    private ErasureFit Fit(AttributeErasure erasure)
    {
        using TensorScope scope = TensorScope.Open();
        List<Tensor> parts = [];
        foreach (int[] rows in Enumerable.Range(0, teachers.Pictures.Count).Chunk(Batch))
        {
            using TensorScope own = TensorScope.Open();
            parts.Add(own.Keep(erasure.Coarse(generator.BeforeErasure(teachers.Pictures.Batch(rows), SeededNoise.Of(rows, random.Derive("fit", (ulong)rows[0])), generator.Passes.Count))));
        }

        return new ErasureFit(erasure, Tensor.Concatenate(0, [.. parts]), [.. teachers.Columns.Skip(1).Select(column => column.Labels)], teachers.Columns[0].Labels, teachers.Pictures.Side);
    }

    // What an attacker reads that learned on the pictures as they are now.
    private Tensor Remaining(ISeededRandom stage, CancellationToken cancellation)
    {
        LabelledPictures seen = Obfuscated(teachers, stage.Derive("teachers")), judged = Obfuscated(check, stage.Derive("check"));
        using var attacker = Reader.For(Architecture, seen.Pictures, seen.Columns, stage.Derive("init"));
        ReaderTraining.Fit(attacker, seen, judged, new ReaderTrainingOptions { Epochs = 20, Batch = 32, LearningRate = 2e-3 }, stage.Derive("fit"), cancellation);
        return Slopes(attacker, seen, cancellation);
    }

    // Derivatives of a reader's margins by the coarse values of pictures: [n · columns, D].
    private Tensor Slopes(Reader reader, LabelledPictures pictures, CancellationToken cancellation)
    {
        List<Tensor> slopes = [];
        foreach (int[] rows in Enumerable.Range(0, pictures.Pictures.Count).Chunk(Batch))
        {
            for (int column = 0; column < pictures.Columns.Count; column++)
            {
                cancellation.ThrowIfCancellationRequested();
                using TensorScope own = TensorScope.Open();
                slopes.Add(own.Keep(Slope(reader, pictures.Pictures.Batch(rows), column)));
            }
        }

        return Tensor.Concatenate(0, [.. slopes]);
    }

    private Tensor Slope(Reader attacker, Tensor pictures, int column)
    {
        AttributeErasure erasure = generator.Erasure!;
        using GradientMode recording = GradientMode.Recording();
        Tensor shift = Tensor.Zeros(erasure.Coarse(pictures).Shape.ToArray()).RequireGradient();
        Tensor logits = attacker.Column(attacker.Read(pictures + erasure.Fine(shift, pictures.Size(2), pictures.Size(3)), ForwardContext.Evaluation()), column);
        Tensor first = logits.Narrow(1, 0, 1);
        return Tensor.Gradients((logits - first).Sum(), [shift])[0]!;
    }

    private LabelledPictures Obfuscated(LabelledPictures pictures, ISeededRandom source) =>
        OriginalReaders.Rest(pictures) with { Pictures = PictureRelease.ObfuscateForTraining(generator, pictures.Pictures, source) };
}
