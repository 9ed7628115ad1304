using Pellicle.Privacy.Statement;

namespace Pellicle.Cli.Output;

/// <summary>A privacy statement for people. Epsilon never stands without delta, unit, relation, sampling and accountant.</summary>
internal static class PrivacyText
{
    public static void Write(TextWriter writer, PrivacyStatement privacy)
    {
        ArgumentNullException.ThrowIfNull(privacy);
        WriteGuarantee(writer, privacy);
        writer.WriteLine();
        writer.WriteLine(privacy.Statement);
    }

    public static void WriteGuarantee(TextWriter writer, PrivacyStatement privacy)
    {
        ArgumentNullException.ThrowIfNull(privacy);
        if (!privacy.Private)
        {
            writer.WriteLine("  privacy     none: epsilon is infinite");
            return;
        }

        string lower = privacy.EpsilonLower is { } low ? $" (at least {ReadableNumber.Fixed(low, 4)})" : "";
        writer.WriteLine(
            $"  privacy     epsilon {ReadableNumber.Fixed(privacy.Epsilon, 4)}{lower} at delta {ReadableNumber.Of(privacy.Delta)}, unit {privacy.Unit}, {Words(privacy.NeighbouringRelation)}, "
            + $"{Words(privacy.Sampling)} sampling, accountant {privacy.Accountant}{(privacy.BestOrder is { } order ? FormattableString.Invariant($", best order {order}") : "")}{(privacy.Precision == "bfloat16" ? ", bfloat16 products" : "")}{(privacy.NoiseSource == "seededForTests" ? "; SEEDED NOISE, FOR TESTS ONLY: NO PRIVACY" : "")}");
    }

    // "addOrRemoveOne" is "add or remove one".
    private static string Words(string? camel) =>
        camel is null ? "–" : string.Concat(camel.Select(c => char.IsUpper(c) ? " " + char.ToLowerInvariant(c) : c.ToString()));
}
