using System.Diagnostics;
using Pellicle.Mpc.Benchmark;
using Pellicle.Mpc.Party;

namespace Pellicle.Cli.Bench;

/// <summary>Parties that are threads of this process.</summary>
/// <param name="parties">Closed with this object.</param>
internal sealed class MeasuredThreads(IPartyRunner parties) : IMeasuredParties
{
    private readonly Process _process = Process.GetCurrentProcess();

    public TimeSpan ProcessorTime
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    public long PeakMemoryBytes
    {
        get
        {
            _process.Refresh();
            return _process.PeakWorkingSet64;
        }
    }

    public PartyRun Predict(ReadOnlySpan<float> input) => parties.Predict(input);

    public void Dispose()
    {
        parties.Dispose();
        _process.Dispose();
    }
}
