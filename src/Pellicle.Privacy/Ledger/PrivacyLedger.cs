using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Pellicle.Core.Errors;
using Pellicle.Formats.Json;
using Pellicle.Privacy.Accounting;

namespace Pellicle.Privacy.Ledger;

/// <summary>The append-only record of what a run has spent. A step may be taken only after it is in the ledger and on the disk.</summary>
/// <remarks>
/// One JSON object a line: the first holds the plan, each other a run of equal steps with the SHA-256 of the line before. Steps are reserved
/// in blocks (<see cref="BlockSteps"/>), so that a flush to the disk, which costs milliseconds, is not paid in every step. Reserved is spent:
/// a killed run repeats the steps after its checkpoint with the same randomness and needs no new events for them. Blocks end at fixed
/// steps, so a resumed run writes the ledger that an uninterrupted one writes. A lock keeps a second process away; it vanishes with its process.
/// </remarks>
public sealed class PrivacyLedger : IDisposable
{
    /// <summary>Blocks end at multiples of this.</summary>
    public const int BlockSteps = 64;

    private readonly string _path;
    private readonly FileStream _stream;
    private readonly FileStream _lock;

    private PrivacyLedger(string path, FileStream stream, FileStream @lock, string hash, long steps)
    {
        _path = path;
        _stream = stream;
        _lock = @lock;
        Hash = hash;
        Steps = steps;
    }

    /// <summary>SHA-256 of the last line.</summary>
    public string Hash { get; private set; }

    /// <summary>Steps that count as spent.</summary>
    public long Steps { get; private set; }

    /// <summary>Starts a ledger.</summary>
    /// <param name="path">Must not exist.</param>
    /// <param name="plan">All constants of the run, with the software's version.</param>
    /// <exception cref="LedgerException">It exists already, or another process holds it.</exception>
    /// <exception cref="EnvironmentException">It cannot be written.</exception>
    public static PrivacyLedger Create(string path, JsonObject plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        FileStream held = Lock(path);
        try
        {
            if (File.Exists(path))
            {
                throw new LedgerException($"the privacy ledger '{path}' exists already.", "Continue that run with --resume, or give another --out.");
            }

            var ledger = new PrivacyLedger(path, new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.Read), held, string.Empty, 0);
            ledger.AppendLine(new JsonObject { ["plan"] = plan.DeepClone() }.ToJsonString(PellicleJson.Line));
            return ledger;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            held.Dispose();
            throw CannotWrite(path, e);
        }
        catch
        {
            held.Dispose();
            throw;
        }
    }

    /// <summary>Continues a ledger: verifies its chain, drops a line cut off by a kill, and takes the lock.</summary>
    /// <param name="path">ledger.jsonl.</param>
    /// <returns>The ledger and what it holds.</returns>
    /// <exception cref="LedgerException">Missing, broken, or held by another process.</exception>
    public static (PrivacyLedger Ledger, LedgerContent Content) Open(string path)
    {
        FileStream held = Lock(path);
        try
        {
            LedgerContent content = LedgerContent.Read(path);
            var stream = new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.Read);
            stream.SetLength(content.Length);
            stream.Seek(0, SeekOrigin.End);
            return (new PrivacyLedger(path, stream, held, content.Hash, content.Steps), content);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            held.Dispose();
            throw CannotWrite(path, e);
        }
        catch
        {
            held.Dispose();
            throw;
        }
    }

    /// <summary>Makes sure that a step is recorded before it is taken; reserves up to the end of its block if it is not.</summary>
    /// <param name="step">1 for the first; the next one that is not recorded yet, or an earlier one.</param>
    /// <param name="lastEqualStep">Last step with the same rate and noise that may be taken at all: planned, and within the budget.</param>
    /// <param name="sampleRate">q.</param>
    /// <param name="noiseMultiplier">Noise standard deviation over the sensitivity.</param>
    /// <exception cref="EnvironmentException">It cannot be written; the step must not be taken.</exception>
    public void Reserve(long step, long lastEqualStep, double sampleRate, double noiseMultiplier) =>
        Reserve(step, lastEqualStep, MechanismEvent.Poisson(sampleRate, noiseMultiplier));

    /// <summary>Makes sure that an event is recorded before it happens; reserves up to the end of its block if it is not.</summary>
    /// <param name="step">1 for the first; the next one that is not recorded yet, or an earlier one.</param>
    /// <param name="lastEqualStep">Last one with an equal event that may happen at all: planned, and within the budget.</param>
    /// <param name="mechanism">The event.</param>
    /// <exception cref="EnvironmentException">It cannot be written; the step must not be taken.</exception>
    public void Reserve(long step, long lastEqualStep, MechanismEvent mechanism)
    {
        if (step <= Steps)
        {
            return;
        }

        if (step != Steps + 1 || lastEqualStep < step)
        {
            throw new InvalidOperationException($"step {step} cannot be reserved after {Steps} recorded steps with an end at {lastEqualStep}");
        }

        long blockEnd = ((step + BlockSteps - 1) / BlockSteps) * BlockSteps;
        long count = Math.Min(blockEnd, lastEqualStep) - step + 1;
        AppendLine(JsonSerializer.Serialize(new LedgerEvent(step, count, mechanism.SampleRate, mechanism.NoiseMultiplier, LedgerEvent.KindOf(mechanism.Sampling), Hash), PellicleJson.Line));
        Steps += count;
    }

    /// <summary>Closes the file and gives the lock back.</summary>
    public void Dispose()
    {
        _stream.Dispose();
        _lock.Dispose();
    }

    private void AppendLine(string text)
    {
        byte[] line = Encoding.UTF8.GetBytes(text + "\n");
        try
        {
            _stream.Write(line);
            _stream.Flush(flushToDisk: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw CannotWrite(_path, e);
        }

        Hash = LedgerContent.HashOf(line.AsSpan(0, line.Length - 1));
    }

    private static FileStream Lock(string path)
    {
        try
        {
            // An exclusive share is an advisory lock of the system, which ends with the process that holds it. The file itself stays:
            // removing it would let two processes lock two different files of the same name.
            return new FileStream(path + ".lock", FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (UnauthorizedAccessException e)
        {
            throw CannotWrite(path, e);
        }
        catch (DirectoryNotFoundException e)
        {
            throw CannotWrite(path, e);
        }
        catch (IOException e)
        {
            throw new LedgerException($"the privacy ledger '{path}' is in use by another process.", "Wait until that run has ended; two runs cannot spend from one ledger at the same time.", inner: e);
        }
    }

    private static EnvironmentException CannotWrite(string path, Exception e) =>
        new($"cannot write the privacy ledger '{path}': {e.Message}", "Check that the disk has free space and the folder is writable; no step was taken that is not recorded.", inner: e);
}
