using Pellicle.Nn;
using Pellicle.Nn.Optimizers;

namespace Pellicle.Training.Checkpoints;

/// <summary>Everything of a run whose tensors a checkpoint holds.</summary>
/// <param name="Parameters">All parameters, statistics included.</param>
/// <param name="Optimizer">With its state.</param>
/// <param name="Average">Moving average of the parameters; null if the run keeps none.</param>
public sealed record CheckpointTensors(IReadOnlyList<Parameter> Parameters, Optimizer Optimizer, ExponentialMovingAverage? Average);
