using Pellicle.Formats.Onnx;
using Pellicle.Nn.Init;
using Pellicle.Tensors;

namespace Pellicle.Nn;

/// <summary>Batch normalisation (Ioffe and Szegedy 2015). With fixed statistics it is a per-channel affine map; with batch statistics it
/// mixes images, and private training refuses it.</summary>
public sealed class BatchNorm2d : Layer
{
    private readonly double _epsilon;

    /// <summary>Makes the layer with scale 1, shift 0, mean 0 and variance 1.</summary>
    /// <param name="channels">C.</param>
    /// <param name="epsilon">Added to the variance.</param>
    public BatchNorm2d(int channels, double epsilon = 1e-5)
    {
        _epsilon = epsilon;
        Weight = AddParameter("weight", Initialization.Constant(1, channels));
        Bias = AddParameter("bias", Initialization.Constant(0, channels));
        RunningMean = AddParameter("running_mean", Initialization.Constant(0, channels), true);
        RunningVariance = AddParameter("running_var", Initialization.Constant(1, channels), true);
    }

    /// <summary>Uses the stored statistics in training, too: allowed with privacy. Default false.</summary>
    public bool UseFixedStatistics { get; set; }

    /// <summary>Scale γ [C].</summary>
    public Parameter Weight { get; }

    /// <summary>Shift β [C].</summary>
    public Parameter Bias { get; }

    /// <summary>Stored mean [C].</summary>
    public Parameter RunningMean { get; }

    /// <summary>Stored variance [C].</summary>
    public Parameter RunningVariance { get; }

    /// <inheritdoc/>
    public override bool MixesExamples(bool isTraining) => isTraining && !UseFixedStatistics;

    /// <inheritdoc/>
    public override Tensor Reference(Tensor input, ReferencePass pass)
    {
        ArgumentNullException.ThrowIfNull(pass);
        return NnOperators.BatchNorm.Call(
            input, pass.Of(Weight), pass.Of(Bias), pass.Of(RunningMean), pass.Of(RunningVariance), MixesExamples(pass.Context.IsTraining), 0.0, _epsilon, false);
    }

    /// <inheritdoc/>
    public override OnnxSymbol Export(OnnxGraphBuilder graph, OnnxSymbol input)
    {
        ArgumentNullException.ThrowIfNull(graph);
        ArgumentNullException.ThrowIfNull(input);
        return graph.Add(
            Path,
            "BatchNormalization",
            [input.Name, Constant(graph, Weight), Constant(graph, Bias), Constant(graph, RunningMean), Constant(graph, RunningVariance)],
            input.Shape,
            ("epsilon", (float)_epsilon));
    }

    /// <inheritdoc/>
    /// <remarks>In training without fixed statistics the batch's own statistics are used and the stored ones are left alone; this
    /// exists for ordinary networks that were imported, and has no record, so that training it is refused.</remarks>
    protected override Tensor Compute(Tensor input, ForwardContext context)
    {
        bool batchStatistics = MixesExamples(context.IsTraining);
        Tensor output = NnOperators.BatchNorm.Call(
            input, Weight.Value, Bias.Value, RunningMean.Value, RunningVariance.Value, batchStatistics, 0.0, _epsilon, false);
        return batchStatistics ? output : context.Record(this, output, o => new AffineRecord(this, o, Weight, Bias, PerGroup, input));
    }

    private (Tensor Scale, Tensor Shift) PerGroup(Tensor gradient, Tensor[] kept, ImageGroups groups)
    {
        long n = gradient.Size(0);
        long c = gradient.Size(1);
        Tensor inverseDeviation = Tensor.Empty(DType.Float32, c, 1);
        Span<float> values = inverseDeviation.Data<float>();
        ReadOnlySpan<float> variance = RunningVariance.Value.Data<float>();
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = (float)(1 / Math.Sqrt(variance[i] + _epsilon));
        }

        Tensor normalised = (kept[0].Reshape(n, c, -1) - RunningMean.Value.Reshape(c, 1)) * inverseDeviation;
        Tensor g = gradient.Reshape(n, c, -1);
        return (groups.Sum((g * normalised).Sum(2)), groups.Sum(g.Sum(2)));
    }
}
