using System.Buffers.Binary;
using System.ComponentModel;
using System.Diagnostics;
using System.Text;
using Pellicle.Core.Errors;

namespace Pellicle.Native;

/// <summary>One process of <c>pellicle-dicom</c>: a file in, its pixels or its elements out, or elements in and a file out. <c>native/pellicle_native/dicom/worker.cpp</c> describes the bytes.</summary>
internal sealed class DicomWorker : IDisposable
{
    private const string Program = "pellicle-dicom";
    private const string Greeting = Program + " 2, ";
    private const int TimeoutSeconds = 60;
    private const long MostBytes = 1L << 31;
    private readonly Process _process;

    private DicomWorker(Process process, string version)
    {
        _process = process;
        LibraryVersion = version;
    }

    internal string LibraryVersion { get; }

    /// <exception cref="EnvironmentException">The program is missing or cannot run.</exception>
    internal static DicomWorker Start()
    {
        string path = Path.Combine(AppContext.BaseDirectory, Program);
        if (!File.Exists(path))
        {
            throw Missing("this build has no DICOM reader", "apt-get install libgdcm-dev, and build again (./build.sh)");
        }

        Process? process = null;
        try
        {
            process = Process.Start(new ProcessStartInfo(path) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false })!;
            string? greeting = ReadGreeting(process.StandardOutput.BaseStream);
            if (greeting?.StartsWith(Greeting, StringComparison.Ordinal) == true)
            {
                return new DicomWorker(process, greeting[Greeting.Length..]);
            }

            string said = process.StandardError.ReadToEnd().Split('\n')[0];
            throw Missing(greeting is null ? $"{Program} does not start: {said}" : $"{Program} is of another version ({greeting})", "apt-get install libgdcm3.0, or build again (./build.sh)");
        }
        catch (Exception e) when (e is Win32Exception or IOException)
        {
            throw Missing($"{Program} cannot be started: {e.Message}", "apt-get install libgdcm3.0, and keep pellicle-dicom beside the program", e);
        }
    }

    /// <summary>Sends a file; gives the error text, or the blocks of the answer.</summary>
    /// <exception cref="IOException">The process ended, or took too long and was ended.</exception>
    /// <exception cref="InvalidDataException">Its answer makes no sense.</exception>
    internal (string? Error, byte[][] Blocks) Ask(DicomQuestion question, ReadOnlySpan<byte> file)
    {
        using var watch = new Timer(_ => Kill(), null, TimeSpan.FromSeconds(TimeoutSeconds), Timeout.InfiniteTimeSpan);
        Span<byte> request = stackalloc byte[25];
        request[0] = (byte)question.Letter;
        BinaryPrimitives.WriteInt64LittleEndian(request[1..], file.Length);
        BinaryPrimitives.WriteInt64LittleEndian(request[9..], question.MaxPixels);
        BinaryPrimitives.WriteInt32LittleEndian(request[17..], question.Frame);
        BinaryPrimitives.WriteInt32LittleEndian(request[21..], question.WantsTags ? 1 : 0);
        Stream input = _process.StandardInput.BaseStream;
        input.Write(request);
        input.Write(file);
        input.Flush();
        Stream output = _process.StandardOutput.BaseStream;
        int status = output.ReadByte();
        return status switch
        {
            0 => (null, [.. Enumerable.Range(0, question.Blocks).Select(_ => Block(output))]),
            1 => (OneLine(Block(output)), []),
            < 0 => throw new EndOfStreamException("its process ended"),
            _ => throw new InvalidDataException($"its answer begins with {status}"),
        };
    }

    public void Dispose()
    {
        Kill();
        _process.Dispose();
    }

    private static string? ReadGreeting(Stream output)
    {
        var text = new StringBuilder();
        for (int b = output.ReadByte(); b != '\n'; b = output.ReadByte())
        {
            if (b < 0 || text.Length > 200)
            {
                return null;
            }

            text.Append((char)b);
        }

        return text.ToString();
    }

    private static byte[] Block(Stream output)
    {
        Span<byte> head = stackalloc byte[8];
        output.ReadExactly(head);
        long length = BinaryPrimitives.ReadInt64LittleEndian(head);
        if (length is < 0 or > MostBytes)
        {
            throw new InvalidDataException($"a block of {length} bytes");
        }

        byte[] block = GC.AllocateUninitializedArray<byte>((int)Math.Min(length, Array.MaxLength));
        output.ReadExactly(block);
        return block;
    }

    // The text may come from the library and hold anything.
    private static string OneLine(byte[] text) => string.Concat(Encoding.Latin1.GetString(text).Take(400).Select(c => char.IsControl(c) ? ' ' : c));

    private void Kill()
    {
        try
        {
            _process.Kill();
        }
        catch (InvalidOperationException)
        {
            // It has ended by itself.
        }
    }

    private static EnvironmentException Missing(string what, string remedy, Exception? inner = null) =>
        new($"DICOM files cannot be read: {what}.", $"Install GDCM: {remedy}.", inner: inner);
}

/// <summary>What a process is asked; <c>worker.cpp</c> describes the letters.</summary>
/// <param name="Letter">R: pixels. E: elements. W: elements become a file.</param>
/// <param name="Blocks">Blocks of the answer.</param>
/// <param name="MaxPixels">Most pixels of a frame; a header may have eight bytes for each.</param>
/// <param name="Frame">For R: −1 for all.</param>
/// <param name="WantsTags">For R: list the tags that are present.</param>
internal readonly record struct DicomQuestion(char Letter, int Blocks, long MaxPixels, int Frame = 0, bool WantsTags = false);
