using Pellicle.Viewmaker.Readers;

namespace Pellicle.Viewmaker.Training;

/// <summary>An attacker that trains along with the generator.</summary>
/// <param name="reader">Its network.</param>
/// <param name="step">Its optimiser.</param>
/// <param name="bornRound">Round in which it began; the oldest is replaced.</param>
internal sealed class TrainingAttacker(Reader reader, ReaderStep step, int bornRound) : IDisposable
{
    public Reader Reader { get; } = reader;

    public ReaderStep Step { get; } = step;

    public int BornRound { get; } = bornRound;

    public void Dispose()
    {
        Step.Dispose();
        Reader.Dispose();
    }
}
