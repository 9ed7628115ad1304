using Pellicle.Core.Random;
using Pellicle.Tensors;

namespace Pellicle.Nn;

/// <summary>What a forward pass needs besides its input: the mode, the tape, and randomness that is drawn per image.</summary>
public sealed class ForwardContext
{
    private ForwardContext(bool isTraining, GradientTape? tape, ISeededRandom? random, ReadOnlyMemory<ulong> imageKeys, bool updatesStatistics, ProductPrecision precision)
    {
        IsTraining = isTraining;
        Tape = tape;
        Random = random;
        ImageKeys = imageKeys;
        UpdatesStatistics = updatesStatistics;
        Precision = precision;
    }

    /// <summary>True while training: dropout is active.</summary>
    public bool IsTraining { get; }

    /// <summary>Where trainable layers record, or null if nothing is to be differentiated.</summary>
    public GradientTape? Tape { get; }

    /// <summary>Source of dropout masks, or null.</summary>
    public ISeededRandom? Random { get; }

    /// <summary>A number per image of the batch that decides its masks; empty means 0, 1, 2, …</summary>
    public ReadOnlyMemory<ulong> ImageKeys { get; }

    /// <summary>True if layers with running statistics take the batch's into them: a step of ordinary training, not a trial run.</summary>
    public bool UpdatesStatistics { get; }

    /// <summary>Number format of the operands of products; layers without products do not look at it.</summary>
    public ProductPrecision Precision { get; }

    /// <summary>Evaluation: no records, no dropout.</summary>
    public static ForwardContext Evaluation() => new(false, null, null, default, false, ProductPrecision.Float32);

    /// <summary>Training.</summary>
    /// <param name="tape">Takes the records.</param>
    /// <param name="random">Source of dropout masks; may be null if the network has no dropout.</param>
    /// <param name="imageKeys">A number per image that decides its masks, so that they do not depend on the physical batch; empty means 0, 1, 2, …</param>
    /// <param name="updatesStatistics">Running statistics change; see <see cref="UpdatesStatistics"/>.</param>
    /// <param name="precision">See <see cref="Precision"/>.</param>
    public static ForwardContext Training(
        GradientTape tape, ISeededRandom? random = null, ReadOnlyMemory<ulong> imageKeys = default, bool updatesStatistics = false, ProductPrecision precision = ProductPrecision.Float32)
    {
        ArgumentNullException.ThrowIfNull(tape);
        return new ForwardContext(true, tape, random, imageKeys, updatesStatistics, precision);
    }

    /// <summary>The generator of one image's mask in one layer. Images never share a mask, which would couple them.</summary>
    /// <param name="layer">The layer that draws.</param>
    /// <param name="image">Row of the batch.</param>
    /// <exception cref="InvalidOperationException">No generator was given.</exception>
    public ISeededRandom RandomOf(Layer layer, int image)
    {
        ArgumentNullException.ThrowIfNull(layer);
        ISeededRandom random = Random ?? throw new InvalidOperationException($"Layer '{layer.DisplayName}' draws random masks, but the context has no generator.");
        return random.Derive(layer.Path, ImageKeys.IsEmpty ? (ulong)image : ImageKeys.Span[image]);
    }

    /// <summary>An operand of a product in the format of this pass; the tensor itself if it has that format already.</summary>
    /// <param name="operand">float32 or bfloat16.</param>
    internal Tensor Operand(Tensor operand) => InType(operand, Precision == ProductPrecision.Bfloat16 ? DType.BFloat16 : DType.Float32);

    /// <summary>The type of an output that only products read, or functions that take either type.</summary>
    /// <param name="isNarrow">Whether that is so.</param>
    internal DType OutputType(bool isNarrow) => isNarrow && Precision == ProductPrecision.Bfloat16 ? DType.BFloat16 : DType.Float32;

    /// <summary>A tensor in another type, differentiable; the tensor itself if it has that type.</summary>
    internal static Tensor InType(Tensor tensor, DType type) => tensor.Type == type ? tensor : PellicleOperators.Cast.Call(tensor, (int)type);

    /// <summary>Records a trainable layer; without a tape, or with all parameters frozen, it returns the output as it is.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="output">Its output.</param>
    /// <param name="record">Makes the record; called only if it is needed.</param>
    internal Tensor Record(Layer layer, Tensor output, Func<Tensor, TapeRecord> record) =>
        Tape is null || !layer.IsTrainable ? output : Tape.Add(record(output));
}
