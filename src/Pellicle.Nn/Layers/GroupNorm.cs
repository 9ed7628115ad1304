using Pellicle.Formats.Onnx;
using Pellicle.Nn.Init;
using Pellicle.Tensors;

namespace Pellicle.Nn;

/// <summary>Normalisation of channel groups within one image, then scale and shift per channel (Wu and He 2018). Images do not mix.</summary>
public sealed class GroupNorm : Layer
{
    private readonly int _groups;
    private readonly double _epsilon;

    /// <summary>Makes the layer with scale 1 and shift 0.</summary>
    /// <param name="groups">Groups, a divisor of the channels.</param>
    /// <param name="channels">C.</param>
    /// <param name="epsilon">Added to the variance.</param>
    /// <exception cref="ArgumentException">The groups do not divide the channels.</exception>
    public GroupNorm(int groups, int channels, double epsilon = 1e-5)
    {
        if (groups < 1 || channels % groups != 0)
        {
            throw new ArgumentException($"{channels} channels cannot be divided into {groups} groups.", nameof(groups));
        }

        _groups = groups;
        _epsilon = epsilon;
        Weight = AddParameter("weight", Initialization.Constant(1, channels));
        Bias = AddParameter("bias", Initialization.Constant(0, channels));
    }

    /// <summary>Groups, a divisor of the channels.</summary>
    public int Groups => _groups;

    /// <summary>Added to the variance.</summary>
    public double Epsilon => _epsilon;

    /// <summary>Scale γ [C].</summary>
    public Parameter Weight { get; }

    /// <summary>Shift β [C].</summary>
    public Parameter Bias { get; }

    /// <inheritdoc/>
    public override Tensor Reference(Tensor input, ReferencePass pass)
    {
        ArgumentNullException.ThrowIfNull(pass);
        return NnOperators.GroupNorm.Call(input, _groups, pass.Of(Weight), pass.Of(Bias), _epsilon, false);
    }

    /// <inheritdoc/>
    /// <remarks>The operator GroupNormalization came with opset 18: each group becomes one channel of an instance normalisation, then scale and shift follow.</remarks>
    public override OnnxSymbol Export(OnnxGraphBuilder graph, OnnxSymbol input)
    {
        ArgumentNullException.ThrowIfNull(graph);
        ArgumentNullException.ThrowIfNull(input);
        long channels = input.Shape[0];
        string ones = graph.Constant($"ones:{_groups}", OnnxTensor.Of([.. Enumerable.Repeat(1f, _groups)], _groups));
        string zeros = graph.Constant($"zeros:{_groups}", OnnxTensor.Of(new float[_groups], _groups));
        OnnxSymbol h = graph.Add(Path, "Reshape", [input.Name, graph.Integers(0, _groups, -1)], [_groups, input.Shape.Aggregate(1L, (x, y) => x * y) / _groups]);
        h = graph.Add(Path, "InstanceNormalization", [h.Name, ones, zeros], h.Shape, ("epsilon", (float)_epsilon));
        h = graph.Add(Path, "Reshape", [h.Name, graph.Integers([0, .. input.Shape])], input.Shape);
        long[] perChannel = [channels, .. Enumerable.Repeat(1L, input.Shape.Count - 1)];
        h = graph.Add(Path, "Mul", [h.Name, graph.Constant(Weight.Name, ValuesOf(Weight).Reshape(perChannel))], input.Shape);
        return graph.Add(Path, "Add", [h.Name, graph.Constant(Bias.Name, ValuesOf(Bias).Reshape(perChannel))], input.Shape);
    }

    /// <inheritdoc/>
    protected override Tensor Compute(Tensor input, ForwardContext context)
    {
        Tensor planes = AsPlanes(input);
        Tensor?[] results = PellicleOperators.GroupNorm.CallMany(2, planes, Weight.Value, Bias.Value, _groups, _epsilon);
        Tensor output = ReferenceEquals(planes, input) ? results[0]! : results[0]!.Reshape(input.Shape);
        return context.Record(this, output, o => new AffineRecord(this, o, Weight, Bias, PerGroup, planes, results[1]!));
    }

    /// <summary>Any number of positions as a plane, which is the shape the kernels take.</summary>
    /// <param name="input">[N, C, ...].</param>
    internal static Tensor AsPlanes(Tensor input) => input.Rank == 4 ? input : input.Reshape(input.Size(0), input.Size(1), -1, 1);

    internal static (Tensor Scale, Tensor Shift) PerGroup(Tensor gradient, Tensor[] kept, ImageGroups groups)
    {
        Tensor both = PellicleOperators.GroupNormSampleGradients.CallMany(2, AsPlanes(gradient), kept[0], kept[1], groups.Offsets())[0]!;
        return (both.Select(1, 0), both.Select(1, 1));
    }
}
