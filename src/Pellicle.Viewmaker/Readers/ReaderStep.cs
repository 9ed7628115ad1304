using Pellicle.Nn;
using Pellicle.Nn.Losses;
using Pellicle.Nn.Optimizers;
using Pellicle.Privacy.Clipping;
using Pellicle.Tensors;

namespace Pellicle.Viewmaker.Readers;

/// <summary>Ordinary gradient steps of a reader: forward, one backward pass, Adam on the mean over the batch.</summary>
internal sealed class ReaderStep : IDisposable
{
    /// <summary>Large pictures go through networks some at a time, so that memory does not grow with the batch: pixels of a channel at once.</summary>
    public const int PixelsOfAPart = 2 * 224 * 224;
    private readonly PerUnitClipper _gradients;
    private readonly IReadOnlyList<Parameter> _parameters;

    public ReaderStep(Reader reader, IPerImageLoss loss, double weightDecay = 0)
        : this(reader.Network.Root, loss, weightDecay)
    {
    }

    public ReaderStep(Layer network, IPerImageLoss loss, double weightDecay = 0)
    {
        _parameters = network.TrainableParameters();
        _gradients = new PerUnitClipper(network, loss, options: null);
        Optimizer = Optimizer.Create(new OptimizerOptions { Kind = OptimizerKind.AdamW, WeightDecay = weightDecay });
    }

    public Optimizer Optimizer { get; }

    /// <summary>Takes a step.</summary>
    /// <param name="pictures">[N, C, S, S] in 0..1.</param>
    /// <param name="labels">[N, columns], as the loss wants them.</param>
    /// <param name="learningRate">Above 0.</param>
    /// <returns>Mean loss.</returns>
    public double Take(Tensor pictures, Tensor labels, double learningRate)
    {
        int count = (int)pictures.Size(0);
        int part = Math.Max(1, PixelsOfAPart / (int)(pictures.Size(2) * pictures.Size(3)));
        double lossSum = 0;
        _gradients.BeginStep();
        for (int start = 0; start < count; start += part)
        {
            using TensorScope scope = TensorScope.Open();
            int length = Math.Min(part, count - start);
            lossSum += _gradients.Add((pictures.Narrow(0, start, length) * 2) - 1, labels.Narrow(0, start, length), UnitLayout.OneImageEach(length)).LossSum;
        }

        _gradients.EndStep();
        using GradientMode off = GradientMode.Off();
        foreach (Parameter parameter in _parameters)
        {
            parameter.Gradient!.MultiplyInPlace(1.0 / count);
        }

        Optimizer.Step(_parameters, learningRate);
        return lossSum / count;
    }

    public void Dispose()
    {
        _gradients.Dispose();
        Optimizer.Dispose();
    }
}
