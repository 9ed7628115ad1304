using Pellicle.Core.Random;
using Pellicle.Nn;
using Pellicle.Tensors;

namespace Pellicle.NeuraCrypt.Attacks;

/// <summary>Embeds an image given as a set of rows: row network → mean over rows → linear → unit length. Does not look at the order of rows.</summary>
internal sealed class SetTower : Layer
{
    private const int Width = 64;
    private const int Embedding = 32;
    private readonly Sequential _rows;
    private readonly Linear _head;

    /// <summary>Makes a tower.</summary>
    /// <param name="kind">"set": an MLP for each row; "transformer": rows look at each other.</param>
    /// <param name="init">Source of initial values.</param>
    public SetTower(ContrastiveNetwork kind, ISeededRandom init)
    {
        Linear first = new(RowFeatures.Count, Width, init);
        _rows = Add("rows", kind == ContrastiveNetwork.Set
            ? new Sequential(first, new Relu(), new Linear(Width, Width, init), new Relu())
            : new Sequential(first, new TransformerBlock(Width, 4, 2 * Width, init)));
        _head = Add("head", new Linear(Width, Embedding, init));
    }

    /// <summary>[B, P, 16] → [B, 32].</summary>
    public override Tensor Reference(Tensor input, ReferencePass pass) => Unit(_head.Reference(_rows.Reference(input, pass).Mean(1), pass));

    protected override Tensor Compute(Tensor input, ForwardContext context) => Unit(_head.Forward(_rows.Forward(input, context).Mean(1), context));

    private static Tensor Unit(Tensor rows) => rows / (rows.Square().Sum(1, keep: true) + 1e-12).Sqrt();
}

/// <summary>Networks of the contrastive attack.</summary>
internal enum ContrastiveNetwork
{
    /// <summary>Rows by themselves.</summary>
    Set,

    /// <summary>Rows look at each other.</summary>
    Transformer,
}
