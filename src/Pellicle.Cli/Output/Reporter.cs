using System.Globalization;

namespace Pellicle.Cli.Output;

/// <summary>Writes notes, warnings and progress to stderr, and remembers warnings for the JSON envelope.</summary>
/// <remarks>Notes and progress go away with <c>--quiet</c>; warnings do not. The progress line moves only on a terminal without <c>NO_COLOR</c>
/// and with <c>TERM</c> not <c>dumb</c>; otherwise a plain line is written every 10 seconds.</remarks>
internal sealed class Reporter
{
    private static readonly TimeSpan MovingInterval = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan PlainInterval = TimeSpan.FromSeconds(10);

    private readonly Lock _gate = new();
    private readonly AppHost _host;
    private readonly bool _isQuiet;
    private readonly bool _isMoving;
    private readonly long _start;
    private readonly List<string> _warnings = [];
    private long? _lastProgress;
    private bool _isLineOpen;

    /// <summary>Makes the reporter of one call.</summary>
    /// <param name="host">Streams, environment, clock.</param>
    /// <param name="isQuiet">No notes and no progress.</param>
    /// <param name="isPlain">No moving line.</param>
    public Reporter(AppHost host, bool isQuiet, bool isPlain)
    {
        _host = host;
        _isQuiet = isQuiet;
        _start = host.Clock.GetTimestamp();
        _isMoving = !isPlain && host.IsErrorTerminal
            && host.Variables.GetValueOrDefault("NO_COLOR", "").Length == 0
            && host.Variables.GetValueOrDefault("TERM", "dumb") != "dumb";
    }

    /// <summary>Warnings so far, for the JSON envelope.</summary>
    public IReadOnlyList<string> Warnings
    {
        get
        {
            lock (_gate)
            {
                return [.. _warnings];
            }
        }
    }

    /// <summary>Writes a sentence for the person who waits.</summary>
    /// <param name="text">One line.</param>
    public void Note(string text)
    {
        if (!_isQuiet)
        {
            WriteLine("pellicle: " + text);
        }
    }

    /// <summary>Writes a warning, once.</summary>
    /// <param name="text">One line.</param>
    public void Warn(string text)
    {
        lock (_gate)
        {
            if (_warnings.Contains(text))
            {
                return;
            }

            _warnings.Add(text);
        }

        WriteLine("pellicle: warning: " + text);
    }

    /// <summary>Shows how far the work is; cheap to call often.</summary>
    /// <param name="text">Makes the line; called only if it will be shown.</param>
    /// <param name="isLast">True for the last state, which is shown if an earlier one was.</param>
    public void Progress(Func<string> text, bool isLast = false)
    {
        if (_isQuiet)
        {
            return;
        }

        lock (_gate)
        {
            long now = _host.Clock.GetTimestamp();
            TimeSpan interval = _isMoving ? MovingInterval : PlainInterval;
            bool isDue = (_isMoving && _lastProgress is null) || _host.Clock.GetElapsedTime(_lastProgress ?? _start, now) >= interval;
            if (!isDue && !(isLast && _lastProgress is not null))
            {
                return;
            }

            _lastProgress = now;
            if (_isMoving)
            {
                _host.Error.Write("\r\u001b[K" + text());
                _isLineOpen = true;
            }
            else
            {
                _host.Error.WriteLine("pellicle: " + text());
            }
        }
    }

    /// <summary>Ends a moving line, so that what follows begins on a line of its own.</summary>
    public void EndProgress()
    {
        lock (_gate)
        {
            CloseLine();
        }
    }

    private void WriteLine(string line)
    {
        lock (_gate)
        {
            CloseLine();
            _host.Error.WriteLine(line);
        }
    }

    private void CloseLine()
    {
        if (_isLineOpen)
        {
            _host.Error.WriteLine();
            _isLineOpen = false;
        }
    }
}

/// <summary>Numbers as people read them.</summary>
internal static class ReadableNumber
{
    /// <summary>Up to 4 significant digits, without exponent where that is short.</summary>
    public static string Of(double? value) =>
        value is not { } v || !double.IsFinite(v) ? "–"
        : v != 0 && Math.Abs(v) < 1e-3 ? v.ToString("0.###e-0", CultureInfo.InvariantCulture)
        : v.ToString("G4", CultureInfo.InvariantCulture);

    /// <summary>A fixed number of digits after the point.</summary>
    public static string Fixed(double? value, int digits) => value is not { } v || !double.IsFinite(v) ? "–" : v.ToString("F" + digits, CultureInfo.InvariantCulture);

    /// <summary>A share as a percentage.</summary>
    public static string Percent(double? share) => share is not { } v || !double.IsFinite(v) ? "–" : (100 * v).ToString("F1", CultureInfo.InvariantCulture) + " %";

    /// <summary>Bytes in the largest fitting binary unit.</summary>
    public static string Bytes(long bytes) => bytes switch
    {
        >= 1L << 30 => $"{bytes / (double)(1L << 30):F1} GiB",
        >= 1L << 20 => $"{bytes / (double)(1L << 20):F1} MiB",
        >= 1L << 10 => $"{bytes / (double)(1L << 10):F1} KiB",
        _ => $"{bytes} bytes",
    };

    /// <summary>A duration such as <c>1:02:03</c>, <c>2:03</c> or <c>3.4 s</c>.</summary>
    public static string Duration(double seconds) => seconds switch
    {
        < 60 => $"{seconds:F1} s",
        < 3600 => $"{(int)seconds / 60}:{(int)seconds % 60:D2}",
        _ => $"{(int)(seconds / 3600)}:{(int)seconds / 60 % 60:D2}:{(int)seconds % 60:D2}",
    };
}
