using Pellicle.Mpc.Core;
using Pellicle.Mpc.Protocols;

namespace Pellicle.Mpc.Compiler.Layers;

/// <summary>Results side by side along an axis: [outer, size, inner] each. Local.</summary>
/// <param name="Name">Name for messages and the plan.</param>
/// <param name="Sources">Layers whose results go in.</param>
/// <param name="Outer">Elements before the axis.</param>
/// <param name="Sizes">Size of each input along the axis, times all that is inside of it, images included.</param>
public sealed record ConcatLayer(string Name, IReadOnlyList<int> Sources, int Outer, IReadOnlyList<int> Sizes) : NetworkLayer(Name, Sources)
{
    /// <inheritdoc/>
    public override string OperatorName => "Concat";

    /// <inheritdoc/>
    public override int OutputCount => checked(Outer * Sizes.Sum());

    /// <inheritdoc/>
    public override int InputCount => CountOf(0);

    /// <inheritdoc/>
    public override int CountOf(int input) => checked(Outer * Sizes[input]);

    /// <inheritdoc/>
    public override NetworkLayer ForImages(int images) => this with { Sizes = [.. Sizes.Select(size => checked(size * images))] };

    /// <inheritdoc/>
    public override double[] Compute(IReadOnlyList<double[]> inputs)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        double[] all = [.. inputs.SelectMany(input => input)];
        return Array.ConvertAll(Places(), place => all[place]);
    }

    /// <inheritdoc/>
    public override SharedTensor Run(ITensorProtocol protocol, IReadOnlyList<SharedTensor> inputs, IReadOnlyList<SharedTensor> secrets, FixedPoint point, LayerRange range)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        SharedTensor all = SharedTensor.Concatenate([.. inputs]);
        return Outer == 1 ? all : all.Gather(Places());
    }

    // Place of each output in the inputs, one after the other.
    private int[] Places()
    {
        var places = new int[OutputCount];
        int i = 0;
        for (int outer = 0; outer < Outer; outer++)
        {
            int start = 0;
            foreach (int size in Sizes)
            {
                for (int k = 0; k < size; k++)
                {
                    places[i++] = start + (outer * size) + k;
                }

                start += Outer * size;
            }
        }

        return places;
    }
}
