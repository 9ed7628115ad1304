using System.Text;
using Pellicle.Core.Errors;
using Pellicle.Mpc.Links;

namespace Pellicle.Mpc.Party;

/// <summary>Session ids that a kit has ever seen: an id is written and flushed to the disk before its first share is accepted, and is never accepted again.</summary>
/// <remarks>The file is locked while it is open, so that two processes cannot run on one kit.</remarks>
internal sealed class SessionJournal : IDisposable
{
    private const int LineBytes = (2 * SessionOpening.SessionBytes) + 1;

    private readonly FileStream _file;
    private readonly HashSet<string> _ids = [];
    private readonly Lock _gate = new();

    /// <summary>Opens or makes the journal.</summary>
    /// <exception cref="EnvironmentException">Another process uses it, or it cannot be written.</exception>
    public SessionJournal(string path)
    {
        try
        {
            var options = new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.None, BufferSize = 0 };
            if (!OperatingSystem.IsWindows())
            {
                options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            }

            _file = new FileStream(path, options);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new EnvironmentException($"cannot open '{path}': {e.Message}", "A party can run once per kit folder, and must be able to write there: stop the other process, or mend the permissions.", inner: e);
        }

        byte[] content = new byte[_file.Length];
        _file.ReadExactly(content);

        // A line cut off by a crash belongs to an id whose shares were not accepted.
        int whole = content.Length / LineBytes * LineBytes;
        for (int i = 0; i < whole; i += LineBytes)
        {
            _ids.Add(Encoding.ASCII.GetString(content, i, LineBytes - 1));
        }

        _file.SetLength(whole);
        _file.Position = whole;
    }

    /// <summary>Takes an id.</summary>
    /// <param name="id">32 lower-case hexadecimal digits.</param>
    /// <returns>False if it was used before.</returns>
    /// <exception cref="EnvironmentException">The disk is full.</exception>
    public bool TryAdd(string id)
    {
        lock (_gate)
        {
            if (_ids.Contains(id))
            {
                return false;
            }

            try
            {
                _file.Write(Encoding.ASCII.GetBytes(id + "\n"));
                _file.Flush(flushToDisk: true);
            }
            catch (IOException e)
            {
                throw new EnvironmentException($"cannot write the journal of session ids: {e.Message}", "Free space on the disk of the kit folder.", inner: e);
            }

            _ids.Add(id);
            return true;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();
}
