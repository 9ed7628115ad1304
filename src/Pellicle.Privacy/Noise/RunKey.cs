using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Pellicle.Core.Errors;
using Pellicle.Core.Random;

namespace Pellicle.Privacy.Noise;

/// <summary>The secret of one run, from which every step gets its own keys: one for sampling, one for noise, one for count queries.</summary>
/// <remarks>A hash ratchet: chain(t+1) = HMAC-SHA256(chain(t), "next"), key(t, purpose) = HMAC-SHA256(chain(t), purpose). Whoever obtains
/// chain(t) cannot compute keys of steps before t; <see cref="Advance"/> forgets them, also on the disk. While the run is unfinished the
/// chain lies in a file with mode 0600; <see cref="Delete"/> overwrites and removes it. The step number, which may be stored
/// in clear, is the only position needed to resume: all streams of a step start at 0.</remarks>
public sealed class RunKey : IDisposable
{
    private const int KeyBytes = 32;
    private const int FileBytes = 8 + 8 + KeyBytes + KeyBytes + KeyBytes;

    private readonly string? _path;
    private readonly byte[] _chain;
    private readonly byte[] _epochRoot;
    private readonly byte[] _cursor = new byte[KeyBytes];
    private long _cursorStep;

    private RunKey(string? path, NoiseSource source, byte[] chain, byte[] epochRoot, long step)
    {
        _path = path;
        Source = source;
        _chain = chain;
        _epochRoot = epochRoot;
        Step = step;
        Rewind();
    }

    /// <summary>Where the secret comes from.</summary>
    public NoiseSource Source { get; }

    /// <summary>Keys of steps before this one are gone.</summary>
    public long Step { get; private set; }

    /// <summary>Draws a new secret and seals it in a file with mode 0600.</summary>
    /// <param name="path">New file; an existing one is an error, because its run may need it.</param>
    /// <param name="random">The source of the 32 bytes.</param>
    /// <exception cref="EnvironmentException">The file exists or cannot be written.</exception>
    public static RunKey Create(string path, ISecureRandom random)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(random);
        if (File.Exists(path))
        {
            throw new EnvironmentException($"the run key '{path}' exists already, and its run may still need it.", "Resume that run with --resume, or choose another --out.");
        }

        byte[] chain = new byte[KeyBytes];
        random.Fill(chain);
        var key = new RunKey(path, NoiseSource.Secure, chain, Derive(chain, "pellicle epochs"), 0);
        key.Seal();
        return key;
    }

    /// <summary>Makes the secret of an insecure seed. No file: the seed is needed again to resume.</summary>
    /// <param name="seed">The seed.</param>
    public static RunKey FromInsecureSeed(InsecureSeed seed)
    {
        ArgumentNullException.ThrowIfNull(seed);
        byte[] value = new byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(value, seed.Value);
        byte[] chain = HMACSHA256.HashData(value, "pellicle insecure seed"u8);
        return new RunKey(null, NoiseSource.SeededForTests, chain, Derive(chain, "pellicle epochs"), 0);
    }

    /// <summary>Reads the sealed secret of an unfinished run.</summary>
    /// <param name="path">File written by <see cref="Create"/>.</param>
    /// <exception cref="PrivacyRefusedException">The file is missing or damaged: the run cannot go on with the same streams.</exception>
    public static RunKey Load(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        byte[] bytes;
        try
        {
            bytes = File.ReadAllBytes(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new PrivacyRefusedException($"the run key '{path}' cannot be read: {e.Message}", "A finished run has no key and cannot be resumed; start a new run, with --spent if it uses the same data.", inner: e);
        }

        try
        {
            ReadOnlySpan<byte> content = bytes;
            if (bytes.Length != FileBytes || !content[..8].SequenceEqual("PELLKEY1"u8)
                || !CryptographicOperations.FixedTimeEquals(SHA256.HashData(content[..^KeyBytes]), content[^KeyBytes..]))
            {
                throw new PrivacyRefusedException($"the run key '{path}' is damaged (kind run key, {bytes.Length} bytes, expected {FileBytes} with a valid checksum).", "Start a new run, with --spent if it uses the same data.");
            }

            return new RunKey(path, NoiseSource.Secure, bytes[16..48], bytes[48..80], BinaryPrimitives.ReadInt64LittleEndian(content[8..]));
        }
        finally
        {
            CryptographicOperations.ZeroMemory(bytes);
        }
    }

    /// <summary>Computes the 32-byte key of one step and purpose.</summary>
    /// <param name="purpose">Fixed name, such as <see cref="KeyPurpose.Noise"/>.</param>
    /// <param name="step">At least <see cref="Step"/>.</param>
    /// <param name="key">Receives 32 bytes; wipe after use.</param>
    /// <exception cref="InvalidOperationException">The step's keys are gone.</exception>
    public void KeyFor(string purpose, long step, Span<byte> key)
    {
        ArgumentException.ThrowIfNullOrEmpty(purpose);
        if (step < Step)
        {
            throw new InvalidOperationException($"The keys of step {step} are gone; the run stands at step {Step}.");
        }

        if (step < _cursorStep)
        {
            Rewind();
        }

        for (; _cursorStep < step; _cursorStep++)
        {
            HMACSHA256.HashData(_cursor, "pellicle next"u8, _cursor);
        }

        Derive(_cursor, purpose, key);
    }

    /// <summary>Opens the stream of one step and purpose, at position 0.</summary>
    /// <param name="purpose">Fixed name, such as <see cref="KeyPurpose.Sampling"/>.</param>
    /// <param name="step">At least <see cref="Step"/>.</param>
    public SecureStream StreamFor(string purpose, long step)
    {
        Span<byte> key = stackalloc byte[KeyBytes];
        KeyFor(purpose, step, key);
        var stream = new SecureStream(key);
        CryptographicOperations.ZeroMemory(key);
        return stream;
    }

    /// <summary>Opens the stream of one epoch's permutation, which a resume in the middle of the epoch needs again: not forward secure, and no guarantee rests on it.</summary>
    /// <param name="epoch">At least 0.</param>
    public SecureStream StreamForEpoch(long epoch)
    {
        Span<byte> key = stackalloc byte[KeyBytes];
        Derive(_epochRoot, FormattableString.Invariant($"pellicle epoch {epoch}"), key);
        var stream = new SecureStream(key);
        CryptographicOperations.ZeroMemory(key);
        return stream;
    }

    /// <summary>Forgets the keys of earlier steps, in memory and in the sealed file. Call when the checkpoint of this step is on the disk.</summary>
    /// <param name="step">At least <see cref="Step"/>.</param>
    public void Advance(long step)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(step, Step);
        if (step == Step)
        {
            return;
        }

        Span<byte> unused = stackalloc byte[KeyBytes];
        KeyFor("pellicle unused", step, unused);
        _cursor.CopyTo(_chain, 0);
        Step = step;
        if (_path is not null)
        {
            Seal();
        }
    }

    /// <summary>Overwrites and removes the sealed file, and wipes the memory: the run is over.</summary>
    public void Delete()
    {
        if (_path is not null && File.Exists(_path))
        {
            using (var stream = new FileStream(_path, FileMode.Open, FileAccess.Write))
            {
                stream.Write(new byte[FileBytes]);
                stream.Flush(flushToDisk: true);
            }

            File.Delete(_path);
        }

        Dispose();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        CryptographicOperations.ZeroMemory(_chain);
        CryptographicOperations.ZeroMemory(_epochRoot);
        CryptographicOperations.ZeroMemory(_cursor);
        Step = long.MaxValue;
    }

    /// <summary>Kind and length only.</summary>
    public override string ToString() => $"RunKey ({Source}, {KeyBytes} bytes)";

    private void Rewind()
    {
        _chain.CopyTo(_cursor, 0);
        _cursorStep = Step;
    }

    private void Seal()
    {
        byte[] bytes = new byte[FileBytes];
        "PELLKEY1"u8.CopyTo(bytes);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(8), Step);
        _chain.CopyTo(bytes, 16);
        _epochRoot.CopyTo(bytes, 48);
        SHA256.HashData(bytes.AsSpan(0, FileBytes - KeyBytes), bytes.AsSpan(FileBytes - KeyBytes));
        string temporary = _path + ".tmp";
        try
        {
            if (Path.GetDirectoryName(Path.GetFullPath(_path!)) is { } folder)
            {
                Directory.CreateDirectory(folder);
            }

            File.Delete(temporary);
            var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
            if (!OperatingSystem.IsWindows())
            {
                options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            }

            using (var stream = new FileStream(temporary, options))
            {
                stream.Write(bytes);
                stream.Flush(flushToDisk: true);
            }

            File.Move(temporary, _path!, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new EnvironmentException($"cannot write the run key '{_path}': {e.Message}", "Check that the folder exists, is writable and has free space, or give another --out.", inner: e);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(bytes);
        }
    }

    private static byte[] Derive(ReadOnlySpan<byte> key, string purpose)
    {
        byte[] derived = new byte[KeyBytes];
        Derive(key, purpose, derived);
        return derived;
    }

    private static void Derive(ReadOnlySpan<byte> key, string purpose, Span<byte> derived) => HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(purpose), derived);
}

/// <summary>Names of the purposes of step keys.</summary>
public static class KeyPurpose
{
    /// <summary>Which units a step draws, and which images of a patient.</summary>
    public const string Sampling = "pellicle sampling";

    /// <summary>Noise added to the clipped sum.</summary>
    public const string Noise = "pellicle noise";

    /// <summary>Noise added to the count query of adaptive clipping.</summary>
    public const string CountQuery = "pellicle count query";
}
