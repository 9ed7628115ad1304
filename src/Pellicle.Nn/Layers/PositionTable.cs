using Pellicle.Core.Random;
using Pellicle.Nn.Init;
using Pellicle.Tensors;

namespace Pellicle.Nn;

/// <summary>Adds a learned row to each token, the same for all images: [N, P, D] in and out.</summary>
public sealed class PositionTable : Layer
{
    private readonly Parameter _table;

    /// <summary>Makes the layer with normal initial values.</summary>
    /// <param name="tokens">P.</param>
    /// <param name="width">D.</param>
    /// <param name="deviation">Standard deviation of initial values.</param>
    /// <param name="init">Source of initial values.</param>
    public PositionTable(int tokens, int width, double deviation, ISeededRandom init) =>
        _table = AddParameter("table", Initialization.Normal(init, deviation, 1, tokens, width));

    /// <inheritdoc/>
    public override Tensor Reference(Tensor input, ReferencePass pass)
    {
        ArgumentNullException.ThrowIfNull(pass);
        return input + pass.Of(_table);
    }

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor input, ForwardContext context) => context.Record(this, input + _table.Value, o => new TokenRecord(this, o, null, _table));
}
