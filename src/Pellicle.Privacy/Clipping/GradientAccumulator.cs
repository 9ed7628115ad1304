using System.Numerics;
using Pellicle.Nn;
using Pellicle.Tensors;

namespace Pellicle.Privacy.Clipping;

/// <summary>Adds up the sums of physical batches in <see cref="Parameter.Gradient"/>, with a second float32 for what each addition loses.</summary>
/// <remarks>Two-sum of Knuth (TAOCP 2, 4.2.2, theorem B): the total is as good as one in double, in the memory of two float32.
/// The second tensor is made at the second physical batch of a step only.</remarks>
internal sealed class GradientAccumulator(IReadOnlyList<Parameter> parameters) : IDisposable
{
    private const int ChunkLength = 1 << 18;

    private readonly Dictionary<Parameter, Tensor> _losses = [];
    private readonly HashSet<Parameter> _started = [];

    /// <summary>Sets all sums to zero.</summary>
    public void Begin()
    {
        foreach (Parameter parameter in parameters)
        {
            parameter.ZeroGradient();
        }

        foreach (Tensor loss in _losses.Values)
        {
            AtenOperators.ZeroInPlace.Apply(loss);
        }

        _started.Clear();
    }

    /// <summary>Adds the sum of one physical batch.</summary>
    /// <param name="parameter">Where to.</param>
    /// <param name="sum">As many elements as the parameter.</param>
    public void Add(Parameter parameter, Tensor sum)
    {
        using TensorScope scope = TensorScope.Open();
        Tensor dense = sum.Contiguous();
        Span<float> total = parameter.Gradient!.Data<float>();
        if (_started.Add(parameter))
        {
            dense.Data<float>().CopyTo(total);
            return;
        }

        if (!_losses.TryGetValue(parameter, out Tensor? loss))
        {
            loss = Tensor.Zeros([.. parameter.Shape]).Detached();
            _losses[parameter] = loss;
        }

        TwoSum(total, dense.Data<float>(), loss.Data<float>());
    }

    /// <summary>Puts the collected rounding losses back into the sums.</summary>
    public void End()
    {
        foreach ((Parameter parameter, Tensor loss) in _losses)
        {
            AtenOperators.AddInPlace.Apply(parameter.Gradient!, loss, 1L);
            AtenOperators.ZeroInPlace.Apply(loss);
        }
    }

    public void Dispose()
    {
        foreach (Tensor loss in _losses.Values)
        {
            loss.Dispose();
        }

        _losses.Clear();
    }

    private static unsafe void TwoSum(Span<float> total, ReadOnlySpan<float> add, Span<float> loss)
    {
        int length = total.Length;
        fixed (float* t = total, l = loss)
        fixed (float* a = add)
        {
            (nint pt, nint pa, nint pl) = ((nint)t, (nint)a, (nint)l);
            void Chunk(int index)
            {
                int start = index * ChunkLength;
                int count = Math.Min(ChunkLength, length - start);
                TwoSumChunk(new Span<float>((float*)pt + start, count), new ReadOnlySpan<float>((float*)pa + start, count), new Span<float>((float*)pl + start, count));
            }

            int chunks = (length + ChunkLength - 1) / ChunkLength;
            if (chunks <= 1)
            {
                TwoSumChunk(total, add, loss);
            }
            else
            {
                Parallel.For(0, chunks, Chunk);
            }
        }
    }

    private static void TwoSumChunk(Span<float> total, ReadOnlySpan<float> add, Span<float> loss)
    {
        int i = 0;
        for (; i <= total.Length - Vector<float>.Count; i += Vector<float>.Count)
        {
            var a = new Vector<float>(total[i..]);
            var b = new Vector<float>(add[i..]);
            Vector<float> sum = a + b;
            Vector<float> virtualB = sum - a;
            Vector<float> error = (a - (sum - virtualB)) + (b - virtualB);
            sum.CopyTo(total[i..]);
            (new Vector<float>(loss[i..]) + error).CopyTo(loss[i..]);
        }

        for (; i < total.Length; i++)
        {
            float sum = total[i] + add[i];
            float virtualB = sum - total[i];
            loss[i] += (total[i] - (sum - virtualB)) + (add[i] - virtualB);
            total[i] = sum;
        }
    }
}
