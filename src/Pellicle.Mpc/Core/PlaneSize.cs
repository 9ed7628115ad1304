namespace Pellicle.Mpc.Core;

/// <summary>A size, step or distance in a picture.</summary>
/// <param name="Rows">Down.</param>
/// <param name="Columns">Across.</param>
public readonly record struct PlaneSize(int Rows, int Columns);

/// <summary>Zeros around a picture.</summary>
/// <param name="Top">Rows above.</param>
/// <param name="Left">Columns before.</param>
/// <param name="Bottom">Rows below.</param>
/// <param name="Right">Columns after.</param>
public readonly record struct PlanePadding(int Top, int Left, int Bottom, int Right);
