namespace Pellicle.Privacy.Clipping;

/// <summary>What one physical batch added. Everything here is computed from private data without noise: it stays in the run folder.</summary>
/// <param name="UnitNorms">Gradient norm of each unit before clipping (upper bound, see <see cref="PerUnitClipper"/>); empty for ordinary gradients.</param>
/// <param name="LayerNorms">The same per recorded layer, [layer][unit]; empty unless clipping is per layer.</param>
/// <param name="Clipped">Units whose contribution was shortened: their norm exceeded a bound.</param>
/// <param name="NonFinite">Units that were replaced by zero because their gradient was not finite.</param>
/// <param name="LossSum">Sum over units of the mean weighted loss of their images; units replaced by zero left out.</param>
public sealed record ClippedBatch(double[] UnitNorms, IReadOnlyList<double[]> LayerNorms, int Clipped, int NonFinite, double LossSum);
