using Pellicle.Nn;
using Pellicle.Tensors;

namespace Pellicle.Privacy.Clipping.Kernels;

/// <summary>Copies of a batch in which some units are zero.</summary>
internal static class UnitRows
{
    /// <summary>Clears all images of some units, whatever they hold.</summary>
    /// <param name="perImage">[N, ...], sorted by unit.</param>
    /// <param name="groups">Images of each unit.</param>
    /// <param name="absent">True for units to clear.</param>
    /// <returns>A copy.</returns>
    public static Tensor Without(Tensor perImage, ImageGroups groups, ReadOnlySpan<bool> absent)
    {
        Tensor copy = perImage.Clone();
        for (int unit = 0; unit < absent.Length; unit++)
        {
            if (absent[unit])
            {
                AtenOperators.ZeroInPlace.Apply(copy.Narrow(0, groups.Begin(unit), groups.SizeOf(unit)));
            }
        }

        return copy;
    }
}
