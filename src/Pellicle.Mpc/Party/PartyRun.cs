using Pellicle.Mpc.Channels;
using Pellicle.Mpc.Compiler;

namespace Pellicle.Mpc.Party;

/// <summary>Result and measured cost of one prediction.</summary>
/// <param name="Logits">[class][image].</param>
/// <param name="Traffic">What the parties sent to each other.</param>
/// <param name="Seconds">From the sharing of the input to the logits.</param>
/// <param name="Layers">One a layer.</param>
public sealed record PartyRun(double[] Logits, Traffic Traffic, double Seconds, IReadOnlyList<LayerRun> Layers)
{
    /// <summary>Nothing was predicted.</summary>
    public static PartyRun None { get; } = new([], Traffic.None, 0, []);

    /// <summary>From the first layer to the parts of the result, at the party that began last: <see cref="Seconds"/> without what the client does. The time of the others includes waiting for that one.</summary>
    public double PartySeconds { get; private init; }

    /// <summary>Joins what the parties saw of the same run.</summary>
    /// <param name="plan">The plan that ran.</param>
    /// <param name="logits">[class][image].</param>
    /// <param name="traffic">What the parties sent to each other.</param>
    /// <param name="seconds">From the sharing of the input to the logits.</param>
    /// <param name="steps">Of each party, the state after each layer.</param>
    internal static PartyRun Of(MpcPlan plan, double[] logits, Traffic traffic, double seconds, IReadOnlyList<IReadOnlyList<LayerState>> steps) =>
        new(logits, traffic, seconds, LayersOf(plan, steps)) { PartySeconds = steps.Min(party => party[^1].Seconds) };

    private static IReadOnlyList<LayerRun> LayersOf(MpcPlan plan, IReadOnlyList<IReadOnlyList<LayerState>> steps) =>
    [
        .. plan.Layers.Select((layer, i) =>
        {
            Traffic after = Traffic.Of([.. steps.Select(party => party[i].Traffic)]);
            Traffic before = i == 0 ? Traffic.None : Traffic.Of([.. steps.Select(party => party[i - 1].Traffic)]);
            Traffic own = after.Since(before);
            return new LayerRun(layer.Name, layer.Operator, own.Rounds, own.Bytes, steps.Max(party => party[i].Seconds - (i == 0 ? 0 : party[i - 1].Seconds)));
        }),
    ];
}

/// <summary>Measured cost of one layer.</summary>
/// <param name="Name">Name of the layer.</param>
/// <param name="Operator">What it computes.</param>
/// <param name="Rounds">By how much it lengthened the longest chain of messages.</param>
/// <param name="Bytes">Bytes of all parties, headers included.</param>
/// <param name="Seconds">Of the party that took longest, waiting included.</param>
public sealed record LayerRun(string Name, string Operator, long Rounds, long Bytes, double Seconds);

/// <summary>What a party has counted after a layer.</summary>
/// <param name="Traffic">Sent so far.</param>
/// <param name="Seconds">Since the first layer began; 0 if nobody times.</param>
public readonly record struct LayerState(Traffic Traffic, double Seconds);
