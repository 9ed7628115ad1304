using Pellicle.Core.Random;
using Pellicle.NeuraCrypt.Attacks;
using Pellicle.NeuraCrypt.Encoders;
using Pellicle.Nn;
using Pellicle.Tensors;

namespace Pellicle.NeuraCrypt.Tradeoff;

/// <summary>The contrastive attacker that an obfuscator is trained against: differentiable in the encodings, on few numbers of each row that keys change little.</summary>
internal sealed class SetMatcher : Layer
{
    private const int Numbers = 4;
    private const int Width = 64;
    private const int Embedding = 32;
    private readonly EncoderArchitecture _architecture;
    private readonly Sequential _pictures;
    private readonly Sequential _encodings;
    private readonly Parameter _logTemperature;

    public SetMatcher(EncoderArchitecture architecture, ISeededRandom init)
    {
        _architecture = architecture;
        _pictures = Add("pictures", Tower(init));
        _encodings = Add("encodings", Tower(init));
        _logTemperature = AddParameter("log_temperature", Tensor.From([MathF.Log(10)]));
    }

    /// <summary>Contrastive loss in nats.</summary>
    /// <param name="images">[B, C, S, S].</param>
    /// <param name="encodings">[B, P, hidden].</param>
    /// <param name="pass">Parameters.</param>
    public Tensor Loss(Tensor images, Tensor encodings, ReferencePass pass)
    {
        Tensor patches = PrivateEncoder.Patches(images, _architecture).Reshape(images.Size(0), _architecture.Patches, _architecture.PatchValues);
        return Contrastive.Loss(Unit(_pictures.Reference(RowNumbers(patches), pass)), Unit(_encodings.Reference(RowNumbers(encodings), pass)), pass.Of(_logTemperature));
    }

    public override Tensor Reference(Tensor input, ReferencePass pass) => Unit(_encodings.Reference(RowNumbers(input), pass));

    protected override Tensor Compute(Tensor input, ForwardContext context) => throw new NotSupportedException("trained by LossDescent, without a tape.");

    private static Sequential Tower(ISeededRandom init) => new(
        new Linear(2 * Numbers, Width, init), new Relu(), new Linear(Width, Width, init), new Relu(), new Linear(Width, Embedding, init));

    // Mean and deviation over the rows of: mean of a row, its squared length, its product with the mean row, its distance from the mean row.
    private static Tensor RowNumbers(Tensor rows)
    {
        Tensor meanRow = rows.Mean(1, keep: true);
        Tensor numbers = Tensor.Stack(2, rows.Mean(2), rows.Square().Mean(2), (rows * meanRow).Mean(2), (rows - meanRow).Square().Mean(2));
        Tensor mean = numbers.Mean(1);
        Tensor deviation = ((numbers - numbers.Mean(1, keep: true)).Square().Mean(1) + 1e-8).Sqrt();
        Tensor all = Tensor.Concatenate(1, mean, deviation);
        Tensor centred = all - all.Mean(0);
        return centred / (centred.Square().Mean(0) + 1e-8).Sqrt();
    }

    private static Tensor Unit(Tensor rows) => rows / (rows.Square().Sum(1, keep: true) + 1e-12).Sqrt();
}
