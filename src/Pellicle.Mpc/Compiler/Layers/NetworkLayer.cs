using System.Text.Json.Serialization;
using Pellicle.Mpc.Core;
using Pellicle.Mpc.Protocols;

namespace Pellicle.Mpc.Compiler.Layers;

/// <summary>One layer of a network: the same function in double precision, for calibration, and on shares.</summary>
/// <remarks>What a layer is, apart from the values of its constants, is public and is written into the plan; a layer that was read from a plan has no values and runs on shares only.</remarks>
/// <param name="Name">Name for messages and the plan.</param>
/// <param name="Inputs">Layers whose results go in; -1 is the network's input.</param>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(LinearLayer), "linear")]
[JsonDerivedType(typeof(ActivationLayer), "activation")]
[JsonDerivedType(typeof(PoolLayer), "pool")]
[JsonDerivedType(typeof(NormalizationLayer), "normalization")]
[JsonDerivedType(typeof(ClipLayer), "clip")]
[JsonDerivedType(typeof(AddLayer), "add")]
[JsonDerivedType(typeof(MultiplyLayer), "multiply")]
[JsonDerivedType(typeof(ProductLayer), "product")]
[JsonDerivedType(typeof(SoftmaxLayer), "softmax")]
[JsonDerivedType(typeof(ShiftLayer), "shift")]
[JsonDerivedType(typeof(IndexLayer), "index")]
[JsonDerivedType(typeof(ConcatLayer), "concat")]
[JsonDerivedType(typeof(ArgMaxLayer), "argMax")]
public abstract record NetworkLayer(string Name, [property: JsonIgnore] IReadOnlyList<int> Inputs)
{
    /// <summary>Operator, as the plan lists it.</summary>
    [JsonPropertyName("operator")]
    public abstract string OperatorName { get; }

    /// <summary>Elements of the result.</summary>
    public abstract int OutputCount { get; }

    /// <summary>Elements that each input must have; the first one, where they differ.</summary>
    public abstract int InputCount { get; }

    /// <summary>Elements that an input must have.</summary>
    /// <param name="input">Position among <see cref="Inputs"/>.</param>
    public virtual int CountOf(int input) => InputCount;

    /// <summary>The largest deviation from the exact function that the layer allows itself before rounding, in words; null if it is exact.</summary>
    [JsonIgnore]
    public virtual string? Approximation => null;

    /// <summary>True if each element of the result depends on the element of the input at its place only, and there are no secrets: any part of the input may then run by itself.</summary>
    [JsonIgnore]
    public virtual bool IsElementwise => false;

    /// <summary>Secret constants; the model owner shares them once.</summary>
    /// <param name="point">Scale of values.</param>
    public virtual IReadOnlyList<SecretShape> SecretShapes(FixedPoint point) => [];

    /// <summary>Values of the secret constants, in the order of <see cref="SecretShapes"/>.</summary>
    /// <exception cref="InvalidOperationException">The layer was read from a plan, which holds none.</exception>
    public virtual IReadOnlyList<float[]> SecretValues() => [];

    /// <summary>The secret constants as ring elements.</summary>
    /// <param name="point">Scale of values.</param>
    public virtual IReadOnlyList<ulong[]> EncodedSecrets(FixedPoint point) => [.. SecretShapes(point).Zip(SecretValues(), (shape, values) => new FixedPoint(shape.Scale).Encode(values))];

    /// <summary>The same layer for several images at once, images innermost.</summary>
    /// <param name="images">At least 1; this layer must be for one.</param>
    public abstract NetworkLayer ForImages(int images);

    /// <summary>The layer in the clear.</summary>
    /// <param name="inputs">One array an input.</param>
    public abstract double[] Compute(IReadOnlyList<double[]> inputs);

    /// <summary>Largest size that a sign of this layer is taken of, for given inputs in the clear; 0 if it takes none.</summary>
    /// <param name="inputs">One array an input.</param>
    public virtual double SignRange(IReadOnlyList<double[]> inputs) => 0;

    /// <summary>The layer on shares.</summary>
    /// <param name="protocol">This party's protocol.</param>
    /// <param name="inputs">One tensor an input.</param>
    /// <param name="secrets">Shares of the secret constants.</param>
    /// <param name="point">Scale of values.</param>
    /// <param name="range">What calibration found.</param>
    public abstract SharedTensor Run(ITensorProtocol protocol, IReadOnlyList<SharedTensor> inputs, IReadOnlyList<SharedTensor> secrets, FixedPoint point, LayerRange range);

    private protected float[] Known(float[]? values) =>
        values ?? throw new InvalidOperationException($"Layer '{Name}' was read from a plan, which holds no values.");
}
