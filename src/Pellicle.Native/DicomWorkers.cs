using System.Collections.Concurrent;
using Pellicle.Core.Errors;

namespace Pellicle.Native;

/// <summary>The processes of <c>pellicle-dicom</c>, one a thread at a time. A file that brings its process down is reported as unreadable, and the next file gets a new process.</summary>
internal static class DicomWorkers
{
    private const string Advice = "Expected an undamaged DICOM image; replace the file or take it out of the data set.";
    private static readonly ConcurrentBag<DicomWorker> Idle = [];

    /// <exception cref="EnvironmentException">It is not installed, or Pellicle was built without it.</exception>
    internal static string Version
    {
        get
        {
            DicomWorker worker = Take();
            Idle.Add(worker);
            return worker.LibraryVersion;
        }
    }

    /// <exception cref="DataFormatException">The library refuses the file, or gave up on it.</exception>
    /// <exception cref="EnvironmentException">GDCM is not installed.</exception>
    internal static T Ask<T>(DicomQuestion question, ReadOnlySpan<byte> file, string name, Func<byte[][], T> parse)
    {
        DicomWorker worker = Take();
        try
        {
            (string? error, byte[][] blocks) = worker.Ask(question, file);
            Idle.Add(worker);
            return error is null ? parse(blocks) : throw new DataFormatException($"'{name}' cannot be decoded as DICOM: {error}", Advice);
        }
        catch (Exception e) when (e is IOException or InvalidDataException)
        {
            worker.Dispose();
            throw new DataFormatException($"'{name}' cannot be decoded as DICOM: the decoder gave up on it ({e.Message})", Advice, inner: e);
        }
    }

    private static DicomWorker Take() => Idle.TryTake(out DicomWorker? worker) ? worker : DicomWorker.Start();
}
