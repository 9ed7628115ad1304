using Pellicle.Core.Random;
using Pellicle.Nn;
using Pellicle.Nn.Losses;
using Pellicle.Nn.Optimizers;
using Pellicle.Privacy.Clipping;
using Pellicle.Tensors;
using Pellicle.Viewmaker.Subjects;

namespace Pellicle.Viewmaker.Attacks;

/// <summary>Learns to undo an obfuscation from pairs: a network with wide windows predicts what to add to a picture, with mean squared error.</summary>
internal sealed class Restoration : IDisposable
{
    private const int Width = 24;
    private readonly Sequential _network;

    public Restoration(int channels, ISeededRandom init)
    {
        Conv2d Conv(int from, int to, int dilation) => new(from, to, new ConvolutionGeometry(3, 3, 1, dilation, dilation), init.Derive("conv", (ulong)dilation + ((ulong)to << 8)));
        _network = new Sequential(
            Conv(channels, Width, 1), new Relu(), Conv(Width, Width, 2), new Relu(), Conv(Width, Width, 4), new Relu(), Conv(Width, Width, 8), new Relu(), Conv(Width, channels, 1));
        foreach (ref float value in _network.Parameters()[^2].Value.Data<float>())
        {
            value *= 0.01f; // starts as the identity
        }
    }

    /// <summary>Trains on pairs.</summary>
    /// <param name="obfuscated">What the attacker sees.</param>
    /// <param name="originals">The same rows before.</param>
    /// <param name="epochs">Passes.</param>
    /// <param name="random">Order.</param>
    /// <param name="cancellation">Checked between steps.</param>
    public void Fit(PictureSet obfuscated, PictureSet originals, int epochs, ISeededRandom random, CancellationToken cancellation)
    {
        const int batch = 32;
        using var gradients = new PerUnitClipper(_network, new SquaredError(), options: null);
        using var optimizer = Optimizer.Create(new OptimizerOptions { Kind = OptimizerKind.Adam });
        IReadOnlyList<Parameter> parameters = _network.TrainableParameters();
        int[] order = [.. Enumerable.Range(0, obfuscated.Count)];
        for (int epoch = 0; epoch < epochs; epoch++)
        {
            random.Derive("order", (ulong)epoch).Shuffle(order.AsSpan());
            for (int start = 0; start < order.Length; start += batch)
            {
                cancellation.ThrowIfCancellationRequested();
                using TensorScope scope = TensorScope.Open();
                ReadOnlySpan<int> rows = order.AsSpan(start, Math.Min(batch, order.Length - start));
                Tensor seen = obfuscated.Batch(rows);
                gradients.BeginStep();
                gradients.Add(seen, originals.Batch(rows) - seen, UnitLayout.OneImageEach(rows.Length));
                gradients.EndStep();
                using GradientMode off = GradientMode.Off();
                foreach (Parameter parameter in parameters)
                {
                    parameter.Gradient!.MultiplyInPlace(1.0 / rows.Length);
                }

                optimizer.Step(parameters, 1e-3);
            }
        }
    }

    /// <summary>Undoes what was learned.</summary>
    /// <param name="obfuscated">Any pictures.</param>
    public PictureSet Restore(PictureSet obfuscated) => PictureSet.Fill(obfuscated.Channels, obfuscated.Side, obfuscated.Count, (row, samples) =>
    {
        using GradientMode off = GradientMode.Off();
        using TensorScope scope = TensorScope.Open();
        Tensor seen = obfuscated.Batch([row]);
        PictureSet.Quantise((seen + _network.Forward(seen, ForwardContext.Evaluation())).Contiguous().Data<float>(), samples);
    });

    public void Dispose() => _network.Dispose();

    private sealed class SquaredError : IPerImageLoss
    {
        public Tensor PerImage(Tensor logits, Tensor labels) => (logits - labels).Square().Mean([1, 2, 3]);
    }
}
