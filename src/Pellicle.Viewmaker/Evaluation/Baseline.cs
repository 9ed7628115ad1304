using System.Globalization;
using System.Security.Cryptography;
using Pellicle.Core.Errors;
using Pellicle.Core.Random;
using Pellicle.Nn;
using Pellicle.Tensors;
using Pellicle.Viewmaker.Generators;
using Pellicle.Viewmaker.Readers;
using Pellicle.Viewmaker.Subjects;

namespace Pellicle.Viewmaker.Evaluation;

/// <summary>A simple way of changing pictures, to compare a generator with.</summary>
/// <param name="Name">Name.</param>
/// <param name="Parameters">Its parameters, for people.</param>
/// <param name="Change">Changes pictures [N, C, S, S] in 0..1; rows of the batch have numbers for their noise.</param>
internal sealed record Baseline(string Name, string Parameters, Func<Tensor, Tensor> Change)
{
    private const int Batch = 64;

    /// <summary>Names that <see cref="Of"/> knows.</summary>
    public static IReadOnlyList<string> Known { get; } = ["identity", "noise", "blur", "downsample", "random", "pixelate", "pgd", "flow"];

    /// <summary>The levels of a baseline.</summary>
    /// <param name="name">One of <see cref="Known"/>.</param>
    /// <param name="budget">Budget of the generator, to match.</param>
    /// <param name="attacker">Trained on originals; its gradient drives the gradient-based baseline.</param>
    /// <param name="task">Trained on originals; the gradient-based baseline spares it.</param>
    /// <param name="channels">Channels of the pictures.</param>
    /// <exception cref="UsageException">Unknown name.</exception>
    public static IReadOnlyList<Baseline> Of(string name, double budget, Reader attacker, Reader task, int channels) => name switch
    {
        "identity" => [new("identity", "", x => x)],
        "noise" => [.. new[] { 0.05, 0.1, 0.2 }.Select(s => new Baseline("noise", Text($"Gaussian, deviation {s}"), x => x + (Gaussian(x) * s)))],
        "blur" => [.. new[] { 2, 4 }.Select(f => new Baseline("blur", $"mean of {(2 * f) + 1} x {(2 * f) + 1}", x => Blur(x, f)))],
        "downsample" => [.. new[] { 2, 4 }.Select(f => new Baseline("downsample", $"{f} x", x => Coarse(x, f)))],
        "random" => [new("random", Text($"uniform noise on the ball of mean change {budget}"), x => x + PerturbationBudget.IntoBall(((Uniform(x) * 2) - 1) * 10, budget, [Pellicle.Training.Configuration.BudgetNorm.MeanAbs]))],
        "pixelate" => [.. new[] { (Block: 4, Epsilon: 0.5), (Block: 4, Epsilon: 0.1) }.Select(p => new Baseline("pixelate", Text($"blocks of {p.Block}, Laplace noise for epsilon {p.Epsilon} at m = 1 differing pixel of a channel (DP-Pix; bounded pixel neighbourhood, delta 0, no accountant; not a guarantee for the attribute)"), x => Pixelate(x, p.Block, p.Epsilon)))],
        "pgd" => [new("pgd", Text($"10 steps against the original attacker, sparing the task, mean change {budget}"), x => Descend(x, budget, attacker, task))],
        "flow" => [new("flow", "untrained flow field", Flow(channels))],
        _ => throw new UsageException($"'{name}' is no known baseline. Expected some of {string.Join(", ", Known)}.", "Name some of them with --baselines, or none."),
    };

    /// <summary>Applies it to all pictures.</summary>
    public PictureSet Apply(PictureSet pictures)
    {
        byte[] samples = new byte[pictures.Count * pictures.SampleCount];
        for (int start = 0; start < pictures.Count; start += Batch)
        {
            using TensorScope scope = TensorScope.Open();
            int[] rows = [.. Enumerable.Range(start, Math.Min(Batch, pictures.Count - start))];
            PictureSet.Quantise(Change(pictures.Batch(rows)).Contiguous().Data<float>(), samples.AsSpan(start * pictures.SampleCount, rows.Length * pictures.SampleCount));
        }

        return new PictureSet(pictures.Channels, pictures.Side, samples);
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    // Release noise, so from the cryptographic generator: 24 bits a number.
    private static Tensor Uniform(Tensor like)
    {
        byte[] bytes = RandomNumberGenerator.GetBytes(checked((int)like.Count * 4));
        return Tensor.From<float>([.. Enumerable.Range(0, (int)like.Count).Select(i => ((BitConverter.ToUInt32(bytes, 4 * i) >> 8) + 0.5f) / (1 << 24))], like.Shape);
    }

    private static Tensor Gaussian(Tensor like)
    {
        float[] first = Uniform(like).ToArray<float>(), second = Uniform(like).ToArray<float>();
        return Tensor.From<float>([.. first.Zip(second, (u, v) => (float)(Math.Sqrt(-2 * Math.Log(u)) * Math.Cos(Math.Tau * v)))], like.Shape);
    }

    private static Tensor Blur(Tensor x, int reach) => ImageOperators.PadReflected(x, reach, reach, reach, reach).AveragePool2d(Window2d.Square((2 * reach) + 1));

    private static Tensor Coarse(Tensor x, int factor) => ImageOperators.Scale(x.AdaptiveAveragePool2d(Math.Max(1, x.Size(2) / factor), Math.Max(1, x.Size(3) / factor)), x.Size(2), x.Size(3));

    // Fan 2018: Laplace scale 255·m/(b²ε) on means of blocks, in units of 8-bit values.
    private static Tensor Pixelate(Tensor x, int block, double epsilon)
    {
        Tensor means = x.AdaptiveAveragePool2d(Math.Max(1, x.Size(2) / block), Math.Max(1, x.Size(3) / block));
        double scale = 1.0 / (block * block * epsilon);
        Tensor noise = Tensor.From<float>([.. Uniform(means).ToArray<float>().Select(u => (float)(-scale * Math.Sign(u - 0.5) * Math.Log(1 - (2 * Math.Abs(u - 0.5)))))], means.Shape);
        Tensor coarse = (means + noise).Clamp(0, 1);
        return ImageOperators.Scale(coarse, x.Size(2), x.Size(3));
    }

    private static Tensor Descend(Tensor x, double budget, Reader attacker, Reader task)
    {
        Tensor delta = x * 0;
        double[] even = [.. Enumerable.Repeat(1.0 / attacker.Classes[0], attacker.Classes[0])];
        Tensor teacher = task.Read(x, ForwardContext.Evaluation());
        for (int step = 0; step < 10; step++)
        {
            using GradientMode recording = GradientMode.Recording();
            Tensor moved = (x + delta).Clone().RequireGradient();
            Tensor outputs = attacker.Read(moved, ForwardContext.Evaluation());
            Tensor loss = Objectives.Distillation(task.Read(moved, ForwardContext.Evaluation()), teacher, 2).Sum();
            for (int c = 0; c < attacker.Classes.Count; c++)
            {
                loss += Objectives.Confusion(attacker.Column(outputs, c), attacker.Classes[c] == even.Length ? even : [.. Enumerable.Repeat(1.0 / attacker.Classes[c], attacker.Classes[c])]).Sum();
            }

            Tensor gradient = Tensor.Gradients(loss, [moved])[0]!;
            using GradientMode off = GradientMode.Off();
            Tensor unit = gradient / (gradient.Abs().Mean([1, 2, 3], keep: true) + 1e-12);
            delta = PerturbationBudget.IntoBall(delta - (unit * (budget / 4)), budget, [Pellicle.Training.Configuration.BudgetNorm.MeanAbs]);
        }

        return x + delta;
    }

    private static Func<Tensor, Tensor> Flow(int channels) => x =>
    {
        using var generator = new Generator(new GeneratorOptions { Channels = channels, Family = Pellicle.Training.Configuration.GeneratorFamily.Flow, Widths = [8, 8, 8], FlowReach = 0.05, Budget = 1 }, new SeededRandom(1));
        return generator.Obfuscate(x, (_, values) => Uniform(Tensor.Zeros(values.Length)).Data<float>().CopyTo(values));
    };
}
