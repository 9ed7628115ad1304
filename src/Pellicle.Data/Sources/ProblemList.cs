using Pellicle.Core.Errors;

namespace Pellicle.Data.Sources;

/// <summary>Collects problems so that all are reported at once; keeps the first hundred and counts the rest.</summary>
internal sealed class ProblemList
{
    private const int Kept = 100;
    private readonly List<Problem> _problems = [];

    internal int Count { get; private set; }

    internal IReadOnlyList<Problem> Problems => _problems;

    internal void Add(string where, string message, string hint)
    {
        Count++;
        if (_problems.Count < Kept)
        {
            _problems.Add(new Problem(where, message, hint));
        }
    }

    internal void ThrowIfAny(string source)
    {
        if (Count == 0)
        {
            return;
        }

        Problem first = _problems[0];
        string text = $"{source}: {first.Where}: {first.Message}";
        if (Count > 1)
        {
            text += $" ({Count - 1} more problem{(Count > 2 ? "s" : "")})";
        }

        if (Count > Kept)
        {
            _problems.Add(new Problem(source, $"{Count - Kept} further problems are not listed", "Mend the listed ones first."));
        }

        throw new DataFormatException(text, first.Hint, _problems);
    }
}
