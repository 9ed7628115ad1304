using Pellicle.Nn;
using Pellicle.Nn.Optimizers;
using Pellicle.Tensors;

namespace Pellicle.NeuraCrypt.Attacks;

/// <summary>Trains a network on any loss: ordinary automatic differentiation → Adam.</summary>
internal sealed class LossDescent : IDisposable
{
    private readonly Layer _network;
    private readonly double _learningRate;
    private readonly IReadOnlyList<Parameter> _parameters;
    private readonly Optimizer _optimizer = Optimizer.Create(new OptimizerOptions { Kind = OptimizerKind.Adam });

    public LossDescent(Layer network, double learningRate)
    {
        _network = network;
        _learningRate = learningRate;
        _parameters = network.TrainableParameters();
    }

    /// <summary>One step.</summary>
    /// <param name="loss">Gives one number from the parameters of the pass.</param>
    /// <returns>The loss before the step.</returns>
    /// <exception cref="InvalidOperationException">The loss is not finite: an attack that diverged must not pass as one that found nothing.</exception>
    public double Step(Func<ReferencePass, Tensor> loss)
    {
        using TensorScope scope = TensorScope.Open();
        using GradientMode recording = GradientMode.Recording();
        var pass = new ReferencePass(_network, DType.Float32, ForwardContext.Evaluation());
        Tensor value = loss(pass);
        double result = value.Item();
        if (!double.IsFinite(result))
        {
            throw new InvalidOperationException($"the loss of a trained attack became {result}: there is no result.");
        }

        Tensor?[] gradients = Tensor.Gradients(value, [.. _parameters.Select(pass.Of)]);
        using GradientMode off = GradientMode.Off();
        for (int i = 0; i < gradients.Length; i++)
        {
            Tensor gradient = _parameters[i].ZeroGradient();
            if (gradients[i] is { } found)
            {
                gradient.CopyFrom(found);
            }
        }

        _optimizer.Step(_parameters, _learningRate);
        return result;
    }

    public void Dispose() => _optimizer.Dispose();
}
