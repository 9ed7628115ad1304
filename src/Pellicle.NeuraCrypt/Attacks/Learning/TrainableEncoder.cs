using Pellicle.NeuraCrypt.Encoders;
using Pellicle.Nn;
using Pellicle.Tensors;

namespace Pellicle.NeuraCrypt.Attacks;

/// <summary>An attacker's encoder whose weights can be trained: starts as a drawn encoder with its norms folded in.</summary>
/// <remarks>Without norms of its own it can imitate every encoder with frozen statistics, since those are products and ReLU only.</remarks>
internal sealed class TrainableEncoder : Layer, IRowEncoder
{
    private readonly EncoderArchitecture _architecture;
    private readonly Linear[] _products;
    private readonly Parameter? _positions;

    /// <summary>Copies the weights of an encoder.</summary>
    /// <param name="encoder">Frozen or without norms.</param>
    public TrainableEncoder(PrivateEncoder encoder)
    {
        _architecture = encoder.Architecture;
        _products = [.. encoder.Products.Select((layer, i) => Add($"product{i}", new Linear(layer.Weight.Clone(), layer.Bias.Clone())))];
        _positions = encoder.Positions is { } table ? AddParameter("positions", table.Reshape(_architecture.Patches, _architecture.Width).Clone()) : null;
    }

    /// <summary>The last product, which alone can be fitted in closed form.</summary>
    public Linear Mixer => _products[^1];

    public override Tensor Reference(Tensor input, ReferencePass pass)
    {
        Tensor rows = PrivateEncoder.Patches(input, _architecture);
        Tensor z = Mixer.Reference(Features(rows, Everywhere(pass.Of, input.Size(0)), layer => x => layer.Reference(x, pass)), pass);
        return z.Reshape(input.Size(0), _architecture.Patches, -1);
    }

    /// <summary>The same for single patches at known positions, differentiable.</summary>
    /// <param name="rows">[n, C·k·k].</param>
    /// <param name="places">Positions [n], int64; not used by the linear kind.</param>
    /// <param name="pass">Parameters.</param>
    /// <returns>[n, hidden].</returns>
    public Tensor ReferenceRows(Tensor rows, Tensor places, ReferencePass pass) =>
        Mixer.Reference(Features(rows, _positions is null ? null : pass.Of(_positions).IndexSelect(0, places), layer => x => layer.Reference(x, pass)), pass);

    /// <summary>What goes into the last product: [B·P, width], or the patches themselves for the linear kind.</summary>
    /// <param name="images">[B, C, S, S].</param>
    public Tensor Features(Tensor images)
    {
        using GradientMode off = GradientMode.Off();
        using TensorScope scope = TensorScope.Open();
        ForwardContext context = ForwardContext.Evaluation();
        return scope.Keep(Features(PrivateEncoder.Patches(images, _architecture), Everywhere(p => p.Value, images.Size(0)), layer => x => layer.Forward(x, context)));
    }

    public Tensor Encode(Tensor images)
    {
        using GradientMode off = GradientMode.Off();
        using TensorScope scope = TensorScope.Open();
        return scope.Keep(Forward(images, ForwardContext.Evaluation()));
    }

    protected override Tensor Compute(Tensor input, ForwardContext context) =>
        context.Tape is null
            ? Mixer.Forward(Features(input), context).Reshape(input.Size(0), _architecture.Patches, -1)
            : throw new NotSupportedException("an attacker's encoder is trained by LossDescent, without a tape.");

    private Tensor Features(Tensor rows, Tensor? positions, Func<Linear, Func<Tensor, Tensor>> apply)
    {
        if (positions is null)
        {
            return rows;
        }

        Tensor h = rows;
        foreach (Linear layer in _products.AsSpan(0, _products.Length - 1))
        {
            h = apply(layer)(h).Relu();
        }

        return (h + positions).Relu();
    }

    // The table of positions, once for each image.
    private Tensor? Everywhere(Func<Parameter, Tensor> of, long images) =>
        _positions is null ? null : of(_positions).Unsqueeze(0).Expand(images, _architecture.Patches, _architecture.Width).Reshape(-1, _architecture.Width);
}
