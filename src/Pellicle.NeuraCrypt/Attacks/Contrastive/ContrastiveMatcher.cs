using Pellicle.Core.Random;
using Pellicle.Nn;
using Pellicle.Tensors;

namespace Pellicle.NeuraCrypt.Attacks;

/// <summary>Two towers, one for pictures and one for encodings, trained end to end so that a picture and its encoding under any key are close.</summary>
/// <remarks>The contrastive attacker by which Xu et al. 2022 (Syfer, arXiv 2201.12406) measure guesswork.</remarks>
internal sealed class ContrastiveMatcher : Layer
{
    private const double LearningRate = 1e-3;
    private const int Batch = 64;
    private readonly SetTower _pictures;
    private readonly SetTower _encodings;
    private readonly Parameter _logTemperature;

    public ContrastiveMatcher(ContrastiveNetwork kind, ISeededRandom init)
    {
        _pictures = Add("pictures", new SetTower(kind, init));
        _encodings = Add("encodings", new SetTower(kind, init));
        _logTemperature = AddParameter("log_temperature", Tensor.From([MathF.Log(10)]));
    }

    /// <summary>Trains it.</summary>
    /// <param name="pictures">Row features [N, P, 16].</param>
    /// <param name="encodings">The same of the same pictures, under one own key each.</param>
    /// <param name="steps">Adam steps.</param>
    /// <param name="random">Draws batches.</param>
    /// <returns>The last loss in nats.</returns>
    public double Train(Tensor pictures, IReadOnlyList<Tensor> encodings, int steps, ISeededRandom random)
    {
        using var descent = new LossDescent(this, LearningRate);
        int[] all = [.. Enumerable.Range(0, (int)pictures.Size(0))];
        int batch = Math.Min(Batch, all.Length);
        double loss = 0;
        for (int step = 0; step < steps; step++)
        {
            using TensorScope scope = TensorScope.Open();
            random.Shuffle<int>(all);
            Tensor index = Tensor.From<long>([.. all.Take(batch).Select(i => (long)i)], batch);
            Tensor x = pictures.IndexSelect(0, index);
            Tensor z = encodings[random.NextInt(encodings.Count)].IndexSelect(0, index);
            loss = descent.Step(pass => Contrastive.Loss(_pictures.Reference(x, pass), _encodings.Reference(z, pass), pass.Of(_logTemperature)));
        }

        return loss;
    }

    /// <summary>Costs of all pairs: negative cosines.</summary>
    /// <param name="encodings">Row features [N, P, 16].</param>
    /// <param name="pictures">Row features [M, P, 16].</param>
    public double[,] Costs(Tensor encodings, Tensor pictures)
    {
        using GradientMode off = GradientMode.Off();
        using TensorScope scope = TensorScope.Open();
        ForwardContext context = ForwardContext.Evaluation();
        return RowDistances.Of(_encodings.Forward(encodings, context), _pictures.Forward(pictures, context));
    }

    public override Tensor Reference(Tensor input, ReferencePass pass) => _pictures.Reference(input, pass);

    protected override Tensor Compute(Tensor input, ForwardContext context) => _pictures.Forward(input, context);
}
