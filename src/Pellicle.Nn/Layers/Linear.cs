using Pellicle.Core.Random;
using Pellicle.Nn.Init;
using Pellicle.Tensors;

namespace Pellicle.Nn;

/// <summary>y = x Wᵀ + b on the last dimension; any number of token dimensions before it.</summary>
public sealed class Linear : Layer
{
    /// <summary>Makes the layer with torch's default initial values.</summary>
    /// <param name="inputWidth">d, above 0.</param>
    /// <param name="outputWidth">p, above 0.</param>
    /// <param name="init">Source of initial values.</param>
    /// <param name="bias">False leaves b out.</param>
    public Linear(int inputWidth, int outputWidth, ISeededRandom init, bool bias = true)
        : this(Initialization.TorchUniform(init, inputWidth, outputWidth, inputWidth), bias ? Initialization.TorchUniform(init, inputWidth, outputWidth) : null)
    {
    }

    /// <summary>Makes the layer with given values.</summary>
    /// <param name="weight">[p, d].</param>
    /// <param name="bias">[p], or null.</param>
    public Linear(Tensor weight, Tensor? bias)
    {
        Weight = AddParameter("weight", weight);
        Bias = bias is null ? null : AddParameter("bias", bias);
    }

    /// <summary>W [p, d].</summary>
    public Parameter Weight { get; }

    /// <summary>b [p], or null.</summary>
    public Parameter? Bias { get; }

    /// <inheritdoc/>
    public override Tensor Reference(Tensor input, ReferencePass pass)
    {
        ArgumentNullException.ThrowIfNull(pass);
        return AtenOperators.Linear.Call(input, pass.Of(Weight), Bias is null ? null : pass.Of(Bias));
    }

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor input, ForwardContext context)
    {
        Tensor output = PellicleOperators.Linear.Call(input, Weight.Value, Bias?.Value, (int)DType.Float32);
        return context.Record(this, output, o => new LinearRecord(this, o, Weight, Bias, input));
    }
}
