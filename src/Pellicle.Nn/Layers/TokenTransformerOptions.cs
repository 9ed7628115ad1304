namespace Pellicle.Nn;

/// <summary>Sizes of a <see cref="TokenTransformer"/>.</summary>
/// <param name="Tokens">P, tokens of an image, at least 1.</param>
/// <param name="TokenWidth">Numbers of a token, at least 1.</param>
/// <param name="Classes">K, at least 2.</param>
/// <param name="NumLayers">Blocks, at least 1.</param>
/// <param name="NumHeads">Attention heads, at least 1.</param>
public sealed record TokenTransformerOptions(int Tokens, int TokenWidth, int Classes, int NumLayers, int NumHeads)
{
    /// <summary>Sources of encodings that get a learned token each; 0 or 1 for none.</summary>
    public int Sources { get; init; }

    /// <summary>Learns a position for each token; useless where tokens are shuffled.</summary>
    public bool HasPositions { get; init; }

    /// <summary>Share of values dropped in training, in [0, 1).</summary>
    public double Dropout { get; init; }
}
