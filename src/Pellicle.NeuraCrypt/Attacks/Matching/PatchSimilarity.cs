using Pellicle.Core.Random;
using Pellicle.Nn;
using Pellicle.Tensors;

namespace Pellicle.NeuraCrypt.Attacks;

/// <summary>Learns which encoded patch belongs to which pixel patch, whatever the key: two MLPs 15-64-64-8 with outputs of unit length, contrastive loss with a learned temperature.</summary>
/// <remarks>Carlini et al. 2021, arXiv 2108.07256, section 4.1. The training pairs come from encoders that the attacker draws himself.</remarks>
internal sealed class PatchSimilarity : Layer
{
    /// <summary>Numbers of an embedding.</summary>
    public const int Width = 8;

    private const int HiddenWidth = 64;
    private readonly Sequential _pixels;
    private readonly Sequential _encodings;
    private readonly Parameter _logTemperature;

    public PatchSimilarity(ISeededRandom init)
    {
        _pixels = Add("pixels", Mlp(init));
        _encodings = Add("encodings", Mlp(init));
        _logTemperature = AddParameter("log_temperature", Tensor.From([MathF.Log(10)]));
    }

    /// <summary>Trains on aligned patches.</summary>
    /// <param name="pixels">Moments [n, 15] of pixel patches.</param>
    /// <param name="encodings">Moments [n, 15] of the same patches, under one own key each.</param>
    /// <param name="steps">Adam steps.</param>
    /// <param name="batch">Patches of a step, at most n.</param>
    /// <param name="learningRate">Of Adam.</param>
    /// <param name="random">Draws batches.</param>
    /// <returns>The last loss in nats; log(batch) is chance.</returns>
    public double Train(Tensor pixels, IReadOnlyList<Tensor> encodings, int steps, int batch, double learningRate, ISeededRandom random)
    {
        using var descent = new LossDescent(this, learningRate);
        double loss = 0;
        for (int step = 0; step < steps; step++)
        {
            using TensorScope scope = TensorScope.Open();
            long[] chosen = [.. Enumerable.Range(0, batch).Select(_ => (long)random.NextInt((int)pixels.Size(0)))];
            Tensor index = Tensor.From<long>(chosen, batch);
            Tensor x = pixels.IndexSelect(0, index);
            Tensor z = encodings[random.NextInt(encodings.Count)].IndexSelect(0, index);
            loss = descent.Step(pass => Contrastive.Loss(Unit(_pixels.Reference(x, pass)), Unit(_encodings.Reference(z, pass)), pass.Of(_logTemperature)));
        }

        return loss;
    }

    /// <summary>Embeds pixel patches, [n, 15] → [n, 8].</summary>
    public Tensor OfPixels(Tensor moments) => Embed(_pixels, moments);

    /// <summary>Embeds encoded patches, [n, 15] → [n, 8].</summary>
    public Tensor OfEncodings(Tensor moments) => Embed(_encodings, moments);

    public override Tensor Reference(Tensor input, ReferencePass pass) => Unit(_pixels.Reference(input, pass));

    protected override Tensor Compute(Tensor input, ForwardContext context) => Unit(_pixels.Forward(input, context));

    private static Tensor Embed(Sequential network, Tensor moments)
    {
        using GradientMode off = GradientMode.Off();
        using TensorScope scope = TensorScope.Open();
        return scope.Keep(Unit(network.Forward(moments, ForwardContext.Evaluation())));
    }

    private static Sequential Mlp(ISeededRandom init) => new(
        new Linear(PatchMoments.Count, HiddenWidth, init), new Relu(),
        new Linear(HiddenWidth, HiddenWidth, init), new Relu(),
        new Linear(HiddenWidth, Width, init));

    private static Tensor Unit(Tensor rows) => rows / (rows.Square().Sum(1, keep: true) + 1e-12).Sqrt();
}
