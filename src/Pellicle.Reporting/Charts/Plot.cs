using System.Globalization;
using Pellicle.Reporting.Html;

namespace Pellicle.Reporting.Charts;

/// <summary>Frame, grid, ticks and labels shared by all charts, as inline SVG with title and description for readers who do not see it.</summary>
internal sealed class Plot
{
    private const int Width = 720;
    private readonly int _height;
    private readonly int _left;
    private const int Right = 24;
    private const int Top = 12;
    private const int Bottom = 52;

    private readonly HtmlText _svg = new();
    private readonly Axis _x;
    private readonly Axis? _y;

    public Plot(string id, string title, string description, Axis x, Axis? y, int height = 360, int left = 76)
    {
        _x = x;
        _y = y;
        _height = height;
        _left = left;
        _svg.Open("svg", null, ("viewBox", $"0 0 {Width} {height}"), ("role", "img"), ("aria-labelledby", $"{id}-t {id}-d"));
        _svg.Open("title", null, ("id", id + "-t")).Text(title).Close("title");
        _svg.Open("desc", null, ("id", id + "-d")).Text(description).Close("desc");
        DrawAxes();
    }

    public double X(double value) => _left + _x.Place(value) * (Width - _left - Right);

    public double Y(double value) => _height - Bottom - _y!.Place(value) * (_height - Top - Bottom);

    /// <summary>Vertical middle of row i of n, for charts without a y axis.</summary>
    public double Row(int index, int count) => Top + (index + 0.5) * (_height - Top - Bottom) / count;

    public static string Number(double value) => Math.Round(value, 2).ToString("0.##", CultureInfo.InvariantCulture);

    public void Line(string cssClass, double x1, double y1, double x2, double y2) =>
        _svg.Open("line", cssClass, ("x1", Number(x1)), ("y1", Number(y1)), ("x2", Number(x2)), ("y2", Number(y2))).Close("line");

    public void Dot(string cssClass, double x, double y, double radius) =>
        _svg.Open("circle", cssClass, ("cx", Number(x)), ("cy", Number(y)), ("r", Number(radius))).Close("circle");

    public void Bar(string cssClass, double x, double y, double width, double height) =>
        _svg.Open("rect", cssClass, ("x", Number(x)), ("y", Number(y)), ("width", Number(Math.Max(0, width))), ("height", Number(height)), ("rx", "2")).Close("rect");

    public void Label(string text, double x, double y, string anchor, string? cssClass = null) =>
        _svg.Open("text", cssClass, ("x", Number(x)), ("y", Number(y)), ("text-anchor", anchor)).Text(text).Close("text");

    public void Curve(Series series)
    {
        var path = new System.Text.StringBuilder();
        bool isOpen = false;
        foreach ((double x, double y) in series.Points)
        {
            if (!double.IsFinite(x) || !double.IsFinite(y))
            {
                isOpen = false;
                continue;
            }

            path.Append(isOpen ? 'L' : 'M').Append(Number(X(x))).Append(' ').Append(Number(Y(y)));
            isOpen = true;
        }

        if (path.Length > 0)
        {
            _svg.Open("path", "line " + series.StrokeClass, ("d", path.ToString())).Close("path");
        }

        foreach ((double x, double y) in series.HasMarkers ? series.Points : [])
        {
            if (double.IsFinite(x) && double.IsFinite(y))
            {
                Dot(series.FillClass, X(x), Y(y), 4);
            }
        }
    }

    public string Finish() => _svg.Close("svg").ToString();

    private void DrawAxes()
    {
        double bottom = _height - Bottom;
        double right = Width - Right;
        foreach ((double value, string text) in _x.Ticks)
        {
            Line("grid", X(value), Top, X(value), bottom);
            Label(text, X(value), bottom + 18, "middle", "tick");
        }

        foreach ((double value, string text) in _y?.Ticks ?? [])
        {
            Line("grid", _left, Y(value), right, Y(value));
            Label(text, _left - 8, Y(value) + 4, "end", "tick");
        }

        Line("axis", _left, bottom, right, bottom);
        Line("axis", _left, Top, _left, bottom);
        Label(_x.Label, (_left + right) / 2, _height - 10, "middle");
        if (_y is not null)
        {
            string middle = Number((Top + bottom) / 2);
            _svg.Open("text", null, ("x", "0"), ("y", "0"), ("text-anchor", "middle"), ("transform", $"translate(16 {middle}) rotate(-90)")).Text(_y.Label).Close("text");
        }
    }
}
