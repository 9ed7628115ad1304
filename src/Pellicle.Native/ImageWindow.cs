namespace Pellicle.Native;

/// <summary>A rectangle of a picture, in whole pixels.</summary>
/// <param name="X">Left column, at least 0.</param>
/// <param name="Y">Top row, at least 0.</param>
/// <param name="Width">Columns, at least 1.</param>
/// <param name="Height">Rows, at least 1.</param>
public readonly record struct ImageWindow(int X, int Y, int Width, int Height)
{
    /// <summary>The whole picture.</summary>
    /// <param name="width">Columns of the picture.</param>
    /// <param name="height">Rows of the picture.</param>
    public static ImageWindow Whole(int width, int height) => new(0, 0, width, height);

    /// <summary>The largest centred square; an odd remainder goes to the right and the bottom.</summary>
    /// <param name="width">Columns of the picture.</param>
    /// <param name="height">Rows of the picture.</param>
    public static ImageWindow CentredSquare(int width, int height)
    {
        int side = Math.Min(width, height);
        return new ImageWindow((width - side) / 2, (height - side) / 2, side, side);
    }
}
