namespace Pellicle.Privacy.Clipping;

/// <summary>How one layer is clipped: a row of <c>layerPlan</c> in results.</summary>
/// <param name="Layer">Path.</param>
/// <param name="Kind">Kind of layer.</param>
/// <param name="Method">How norms are found; frozen if nothing of it is trained.</param>
/// <param name="Tokens">Rows of one image: tokens, output positions; 0 if the layer does not run.</param>
/// <param name="InputWidth">Width of an input row, per group.</param>
/// <param name="OutputWidth">Width of an output row, per group.</param>
/// <param name="Parameters">Values in the layer's own parameters.</param>
/// <param name="TrainableParameters">Of these, values that are trained.</param>
/// <param name="IsUnused">Trainable, but not part of the forward pass: its gradient is zero.</param>
public sealed record LayerPlanRow(string Layer, string Kind, ClippingMethod Method, long Tokens, long InputWidth, long OutputWidth, long Parameters, long TrainableParameters, bool IsUnused = false);
