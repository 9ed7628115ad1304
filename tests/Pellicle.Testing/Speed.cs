namespace Pellicle.Testing;

/// <summary>Values of the trait "Speed": <c>./test.sh --fast</c> leaves out both, <c>./test.sh</c> leaves out <see cref="Full"/>, <c>./test.sh --full</c> runs all.</summary>
/// <remarks>Use as <c>[Trait(Speed.Trait, Speed.Slow)]</c>.</remarks>
public static class Speed
{
    public const string Trait = "Speed";

    /// <summary>Takes seconds.</summary>
    public const string Slow = "Slow";

    /// <summary>Takes minutes, on real data.</summary>
    public const string Full = "Full";
}
