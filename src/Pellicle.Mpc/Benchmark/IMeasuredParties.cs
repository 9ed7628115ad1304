using Pellicle.Mpc.Party;

namespace Pellicle.Mpc.Benchmark;

/// <summary>Parties whose use of the machine can be read.</summary>
public interface IMeasuredParties : IPartyRunner
{
    /// <summary>Processor time so far, of all parties and the client.</summary>
    TimeSpan ProcessorTime { get; }

    /// <summary>Largest resident memory so far of the party's process that used most; of the one process if the parties are threads.</summary>
    long PeakMemoryBytes { get; }
}
