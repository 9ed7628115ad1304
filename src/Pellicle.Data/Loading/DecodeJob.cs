using System.Runtime.ExceptionServices;
using Pellicle.Data.Images;

namespace Pellicle.Data.Loading;

/// <summary>One picture that is to be decoded once, by whichever thread claims it first.</summary>
internal sealed class DecodeJob(int record)
{
    private readonly object _gate = new();
    private int _claimed;
    private volatile bool _done;
    private PreparedImage? _image;
    private ExceptionDispatchInfo? _error;

    internal int Record { get; } = record;

    /// <summary>Decodes unless another thread does or did.</summary>
    internal void Run(Func<int, PreparedImage> decode)
    {
        if (Interlocked.Exchange(ref _claimed, 1) != 0)
        {
            return;
        }

        try
        {
            _image = decode(Record);
        }
        catch (Exception e)
        {
            _error = ExceptionDispatchInfo.Capture(e); // carried to the thread that waits for the picture
        }

        lock (_gate)
        {
            _done = true;
            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>Waits for the thread that decodes, and gives its result or throws its exception.</summary>
    internal PreparedImage Wait()
    {
        if (!_done)
        {
            lock (_gate)
            {
                while (!_done)
                {
                    Monitor.Wait(_gate);
                }
            }
        }

        _error?.Throw();
        return _image!;
    }
}
