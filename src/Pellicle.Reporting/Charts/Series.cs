namespace Pellicle.Reporting.Charts;

/// <summary>One line of a chart.</summary>
/// <param name="Name">Shown in the legend.</param>
/// <param name="Points">In drawing order; points that are not finite break the line.</param>
/// <param name="Color">Number of the colour, 0 … 4; −1 is grey.</param>
/// <param name="Dash">0 solid, 1 dashed, 2 dotted, 3 dash-dot: lines can be told apart without colour.</param>
/// <param name="HasMarkers">Draw a dot at every point.</param>
internal sealed record Series(string Name, IReadOnlyList<(double X, double Y)> Points, int Color, int Dash = 0, bool HasMarkers = false)
{
    public string StrokeClass => (Color < 0 ? "cm" : $"c{Color}") + (Dash > 0 ? $" d{Dash}" : string.Empty);

    public string FillClass => Color < 0 ? "fm" : $"f{Color}";
}
