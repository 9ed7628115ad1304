using Pellicle.Core.Random;
using Pellicle.Models;
using Pellicle.Nn;
using Pellicle.Nn.Losses;
using Pellicle.Nn.Optimizers;
using Pellicle.Privacy.Clipping;
using Pellicle.Privacy.Noise;
using Pellicle.Tensors;

namespace Pellicle.Cli.Bench;

/// <summary>One training step as the product takes it: forward, backward, clipped sum, noise, update. Without privacy: the same without clipping and noise.</summary>
internal sealed class TrainingStep : IDisposable
{
    private readonly ImageClassifier _model;
    private readonly CrossEntropyLoss _loss = new();
    private readonly PerUnitClipper _clipper;
    private readonly Optimizer _optimizer = Optimizer.Create(new OptimizerOptions());
    private readonly IReadOnlyList<Parameter> _parameters;
    private readonly Tensor _images;
    private readonly Tensor _labels;
    private readonly int _batch;
    private readonly bool _isPrivate;
    private readonly byte[] _key = new byte[32];
    private ulong _step;

    public TrainingStep(StepCase @case, bool isPrivate)
    {
        var random = new SeededRandom(7);
        _model = ModelCatalog.Create(@case.Model, new ModelOptions(@case.ImageSize, @case.Channels, 10), random);
        _parameters = _model.Root.TrainableParameters();
        _clipper = new PerUnitClipper(_model.Root, _loss, isPrivate ? new ClippingOptions() : null, precision: @case.Precision);
        float[] pixels = [.. Enumerable.Range(0, @case.Batch * @case.Channels * @case.ImageSize * @case.ImageSize).Select(_ => (float)random.NextGaussian())];
        long[] labels = [.. Enumerable.Range(0, @case.Batch).Select(_ => (long)random.NextInt(10))];
        _images = Tensor.From<float>(pixels, @case.Batch, @case.Channels, @case.ImageSize, @case.ImageSize).Detached();
        _labels = Tensor.From<long>(labels, @case.Batch).Detached();
        _batch = @case.Batch;
        _isPrivate = isPrivate;
        new SystemSecureRandom().Fill(_key);
    }

    /// <summary>Parameters of the network.</summary>
    public long ParameterCount => _model.ParameterCount;

    /// <summary>Takes a step.</summary>
    public void Run()
    {
        using TensorScope scope = TensorScope.Open();
        _clipper.BeginStep();
        _clipper.Add(_images, _labels, UnitLayout.Regular(_batch, 1));
        ClippedSum sum = _clipper.EndStep();
        Tensor[] gradients = [.. sum.Parameters.Select(p => p.Gradient!)];
        using GradientMode off = GradientMode.Off();
        if (_isPrivate)
        {
            using var noise = new GaussianNoise(_key);
            noise.AddTo(gradients, 1.1, Math.ScaleB(1, -24), _batch, _step++);
        }
        else
        {
            foreach (Tensor gradient in gradients)
            {
                AtenOperators.MultiplyScalarInPlace.Apply(gradient, 1.0 / _batch);
            }
        }

        _optimizer.Step(_parameters, 0.01);
    }

    public void Dispose()
    {
        _clipper.Dispose();
        _optimizer.Dispose();
        _loss.Dispose();
        _images.Dispose();
        _labels.Dispose();
        _model.Dispose();
    }
}
