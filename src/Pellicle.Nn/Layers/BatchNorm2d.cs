using Pellicle.Formats.Onnx;
using Pellicle.Nn.Init;
using Pellicle.Tensors;

namespace Pellicle.Nn;

/// <summary>Batch normalisation (Ioffe and Szegedy 2015). With fixed statistics it is a per-channel affine map; with batch statistics it
/// mixes images, and private training refuses it.</summary>
/// <remarks>Fixed statistics are used in evaluation, where asked for, and where both scale and shift are frozen: a frozen layer does not
/// change with the batch. Otherwise training normalises by the physical batch, and running statistics follow with momentum 0.1 and the
/// unbiased variance, as in torch; a batch with one value a channel leaves them alone.</remarks>
public sealed class BatchNorm2d : Layer
{
    private const double Momentum = 0.1;

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

    /// <summary>Added to the variance.</summary>
    public double Epsilon => _epsilon;

    /// <summary>Scale γ [C].</summary>
    public Parameter Weight { get; }

    /// <summary>Shift β [C].</summary>
    public Parameter Bias { get; }

    /// <summary>Stored mean [C].</summary>
    public Parameter RunningMean { get; }

    /// <summary>Stored variance [C].</summary>
    public Parameter RunningVariance { get; }

    /// <inheritdoc/>
    public override bool MixesExamples(bool isTraining) => isTraining && !UseFixedStatistics && IsTrainable;

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
    protected override Tensor Compute(Tensor input, ForwardContext context)
    {
        if (MixesExamples(context.IsTraining))
        {
            return ByBatchStatistics(input, context);
        }

        Tensor output = NnOperators.BatchNorm.Call(
            input, Weight.Value, Bias.Value, RunningMean.Value, RunningVariance.Value, false, 0.0, _epsilon, false);
        return context.Record(this, output, o => new AffineRecord(this, o, Weight, Bias, ByStoredStatistics, input));
    }

    private Tensor ByBatchStatistics(Tensor input, ForwardContext context)
    {
        bool updates = context.UpdatesStatistics && input.Count > input.Size(1);
        Tensor?[] results = NnOperators.NativeBatchNorm.CallMany(
            3, input, Weight.Value, Bias.Value, updates ? RunningMean.Value : null, updates ? RunningVariance.Value : null, true, Momentum, _epsilon);
        return context.Record(this, results[0]!, o => new AffineRecord(this, o, Weight, Bias, ByKeptStatistics, input, results[1]!, results[2]!));
    }

    private (Tensor Scale, Tensor Shift) ByStoredStatistics(Tensor gradient, Tensor[] kept, ImageGroups groups)
    {
        Tensor inverseDeviation = (RunningVariance.Value + _epsilon).Sqrt().Reciprocal();
        return PerGroup(gradient, kept[0], RunningMean.Value, inverseDeviation, groups);
    }

    private static (Tensor Scale, Tensor Shift) ByKeptStatistics(Tensor gradient, Tensor[] kept, ImageGroups groups) =>
        PerGroup(gradient, kept[0], kept[1], kept[2], groups);

    private static (Tensor Scale, Tensor Shift) PerGroup(Tensor gradient, Tensor input, Tensor mean, Tensor inverseDeviation, ImageGroups groups)
    {
        long n = gradient.Size(0);
        long c = gradient.Size(1);
        Tensor normalised = (input.Reshape(n, c, -1) - mean.Reshape(c, 1)) * inverseDeviation.Reshape(c, 1);
        Tensor g = gradient.Reshape(n, c, -1);
        return (groups.Sum((g * normalised).Sum(2)), groups.Sum(g.Sum(2)));
    }
}
