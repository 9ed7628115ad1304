namespace Pellicle.Mpc.Party;

/// <summary>For runs that nobody times: no time passes.</summary>
internal sealed class StoppedClock : TimeProvider
{
    public static StoppedClock Instance { get; } = new();

    public override long GetTimestamp() => 0;
}
