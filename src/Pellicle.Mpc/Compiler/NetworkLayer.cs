using Pellicle.Mpc.Core;
using Pellicle.Mpc.Protocols;

namespace Pellicle.Mpc.Compiler;

/// <summary>One layer of a network: the same function in double precision, for calibration, and on shares.</summary>
/// <param name="Name">Name for messages and the plan.</param>
/// <param name="Inputs">Layers whose results go in; -1 is the network's input.</param>
public abstract record NetworkLayer(string Name, IReadOnlyList<int> Inputs)
{
    /// <summary>Operator, as the plan lists it.</summary>
    public abstract string OperatorName { get; }

    /// <summary>Elements of the result.</summary>
    public abstract int OutputCount { get; }

    /// <summary>Elements that each input must have.</summary>
    public abstract int InputCount { get; }

    /// <summary>Secret constants with their scale; the model owner shares them once.</summary>
    public virtual IReadOnlyList<(float[] Values, int Scale)> Secrets(FixedPoint point) => [];

    /// <summary>The layer in the clear.</summary>
    /// <param name="inputs">One array an input.</param>
    public abstract double[] Compute(IReadOnlyList<double[]> inputs);

    /// <summary>Largest size that a sign of this layer is taken of, for given inputs in the clear; 0 if it takes none.</summary>
    /// <param name="inputs">One array an input.</param>
    public virtual double SignRange(IReadOnlyList<double[]> inputs) => 0;

    /// <summary>The layer on shares.</summary>
    /// <param name="protocol">This party's protocol.</param>
    /// <param name="inputs">One tensor an input.</param>
    /// <param name="secrets">Shares of <see cref="Secrets"/>.</param>
    /// <param name="point">Scale of values.</param>
    /// <param name="range">What calibration found.</param>
    public abstract SharedTensor Run(ITensorProtocol protocol, IReadOnlyList<SharedTensor> inputs, IReadOnlyList<SharedTensor> secrets, FixedPoint point, LayerRange range);
}
