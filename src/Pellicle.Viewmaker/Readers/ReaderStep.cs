using Pellicle.Nn;
using Pellicle.Nn.Losses;
using Pellicle.Nn.Optimizers;
using Pellicle.Privacy.Clipping;
using Pellicle.Tensors;

namespace Pellicle.Viewmaker.Readers;

/// <summary>Ordinary gradient steps of a reader: forward, one backward pass, Adam on the mean over the batch.</summary>
internal sealed class ReaderStep : IDisposable
{
    private readonly Reader _reader;
    private readonly PerUnitClipper _gradients;
    private readonly IReadOnlyList<Parameter> _parameters;

    public ReaderStep(Reader reader, IPerImageLoss loss, double weightDecay = 0)
    {
        _reader = reader;
        _parameters = reader.Network.Root.TrainableParameters();
        _gradients = new PerUnitClipper(reader.Network.Root, loss, options: null);
        Optimizer = Optimizer.Create(new OptimizerOptions { Kind = OptimizerKind.AdamW, WeightDecay = weightDecay });
    }

    public Optimizer Optimizer { get; }

    /// <summary>Takes a step.</summary>
    /// <param name="pictures">[N, C, S, S] in 0..1.</param>
    /// <param name="labels">[N, columns].</param>
    /// <param name="learningRate">Above 0.</param>
    /// <returns>Mean loss.</returns>
    public double Take(Tensor pictures, Tensor labels, double learningRate)
    {
        int count = (int)pictures.Size(0);
        _gradients.BeginStep();
        ClippedBatch batch = _gradients.Add((pictures * 2) - 1, labels, UnitLayout.OneImageEach(count));
        _gradients.EndStep();
        using GradientMode off = GradientMode.Off();
        foreach (Parameter parameter in _parameters)
        {
            parameter.Gradient!.MultiplyInPlace(1.0 / count);
        }

        Optimizer.Step(_parameters, learningRate);
        return batch.LossSum / count;
    }

    public void Dispose()
    {
        _gradients.Dispose();
        Optimizer.Dispose();
    }
}
