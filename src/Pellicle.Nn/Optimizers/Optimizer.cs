using Pellicle.Tensors;

namespace Pellicle.Nn.Optimizers;

/// <summary>Changes parameters by their gradients. One pass over memory per parameter, no temporaries.</summary>
/// <remarks>Works on the noised mean only. State is a set of named float32 tensors beside the step count, so that a checkpoint can hold it.</remarks>
public abstract class Optimizer : IDisposable
{
    // Below this size the parallel loop costs more than it saves.
    private const int ChunkLength = 1 << 18;

    private readonly Dictionary<string, Tensor> _state = [];

    /// <summary>Checks and keeps the options.</summary>
    /// <param name="options">Constants of the rule.</param>
    private protected Optimizer(OptimizerOptions options)
    {
        options.Validate();
        Options = options;
    }

    /// <summary>Constants of the rule.</summary>
    public OptimizerOptions Options { get; }

    /// <summary>Updates made so far.</summary>
    public long StepCount { get; private set; }

    /// <summary>State tensors: "parameter name/slot" → values in the parameter's shape. Empty before the first step.</summary>
    public IReadOnlyDictionary<string, Tensor> State => _state;

    /// <summary>Names of the state tensors per parameter, such as "exp_avg".</summary>
    private protected abstract IReadOnlyList<string> Slots { get; }

    /// <summary>Makes an optimiser.</summary>
    /// <param name="options">The rule and its constants.</param>
    public static Optimizer Create(OptimizerOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return options.Kind switch
        {
            OptimizerKind.Sgd => new SgdOptimizer(options),
            OptimizerKind.Adam or OptimizerKind.AdamW => new AdamOptimizer(options),
            OptimizerKind.Adagrad => new AdagradOptimizer(options),
            OptimizerKind.RmsProp => new RmsPropOptimizer(options),
            _ => throw new ArgumentOutOfRangeException(nameof(options), options.Kind, "Unknown optimiser."),
        };
    }

    /// <summary>Applies one update to every trainable parameter, from its <see cref="Parameter.Gradient"/>.</summary>
    /// <param name="parameters">Those that have a gradient and are trainable are changed; the others are left alone.</param>
    /// <param name="learningRate">Step size, finite and not negative.</param>
    public void Step(IReadOnlyList<Parameter> parameters, double learningRate)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        if (!(learningRate >= 0) || !double.IsFinite(learningRate))
        {
            throw new ArgumentOutOfRangeException(nameof(learningRate), learningRate, "Expected a finite value of at least 0.");
        }

        StepCount++;
        foreach (Parameter parameter in parameters)
        {
            if (parameter is { IsTrainable: true, Gradient: not null })
            {
                UpdateInChunks(parameter, learningRate);
            }
        }
    }

    /// <summary>Takes over the state of a checkpoint.</summary>
    /// <param name="stepCount">Updates made by then.</param>
    /// <param name="state">As <see cref="State"/> gave it; values are copied.</param>
    public void Restore(long stepCount, IReadOnlyDictionary<string, Tensor> state)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentOutOfRangeException.ThrowIfNegative(stepCount);
        Dispose();
        foreach ((string name, Tensor value) in state)
        {
            _state[name] = value.Clone().Detached();
        }

        StepCount = stepCount;
    }

    /// <summary>Frees the state.</summary>
    public void Dispose()
    {
        foreach (Tensor tensor in _state.Values)
        {
            tensor.Dispose();
        }

        _state.Clear();
        GC.SuppressFinalize(this);
    }

    /// <summary>The rule on one stretch of memory; all spans have equal length.</summary>
    /// <param name="values">Parameters, changed in place.</param>
    /// <param name="gradients">Their gradients.</param>
    /// <param name="first">First state tensor, or empty.</param>
    /// <param name="second">Second state tensor, or empty.</param>
    /// <param name="learningRate">Step size.</param>
    private protected abstract void Update(Span<float> values, ReadOnlySpan<float> gradients, Span<float> first, Span<float> second, double learningRate);

    private unsafe void UpdateInChunks(Parameter parameter, double learningRate)
    {
        int length = checked((int)parameter.Count);
        fixed (float* values = parameter.Value.Data<float>())
        fixed (float* gradients = parameter.Gradient!.Data<float>())
        fixed (float* first = StateOf(parameter, 0))
        fixed (float* second = StateOf(parameter, 1))
        {
            // Locals, because a lambda may not capture pinned variables.
            (nint v, nint g, nint a, nint b) = ((nint)values, (nint)gradients, (nint)first, (nint)second);
            void Chunk(int index)
            {
                int start = index * ChunkLength;
                int count = Math.Min(ChunkLength, length - start);
                Update(
                    new Span<float>((float*)v + start, count),
                    new ReadOnlySpan<float>((float*)g + start, count),
                    a == 0 ? default : new Span<float>((float*)a + start, count),
                    b == 0 ? default : new Span<float>((float*)b + start, count),
                    learningRate);
            }

            int chunks = (length + ChunkLength - 1) / ChunkLength;
            if (chunks == 1)
            {
                Chunk(0);
            }
            else
            {
                Parallel.For(0, chunks, Chunk);
            }
        }
    }

    private Span<float> StateOf(Parameter parameter, int slot)
    {
        if (slot >= Slots.Count)
        {
            return default;
        }

        string name = parameter.Name + "/" + Slots[slot];
        if (!_state.TryGetValue(name, out Tensor? tensor))
        {
            tensor = Tensor.Zeros([.. parameter.Shape]).Detached();
            _state[name] = tensor;
        }

        return tensor.Data<float>();
    }
}
