using Pellicle.Core.Random;
using Pellicle.Nn.Losses;
using Pellicle.Tensors;
using Pellicle.Viewmaker.Generators;
using Pellicle.Viewmaker.Readers;
using Pellicle.Viewmaker.Subjects;

namespace Pellicle.Viewmaker.Training;

/// <summary>Fits an erasure of coordinates: a network learns to estimate coordinates from pictures that were moved along them, its answers are calibrated by further moves, and the directions in which the classes' means differ are taken in closed form.</summary>
/// <param name="erasure">Takes the result.</param>
/// <param name="random">Root of everything random.</param>
internal sealed class CoordinateFit(CoordinateErasure erasure, ISeededRandom random)
{
    private const int Epochs = 60;
    private const int MostSteps = 1500;
    private const int Batch = 64;
    private const double LearningRate = 2e-3;
    private const int MovesACoordinate = 10;
    private const double LeastSlope = 0.5; // a coordinate of which the network sees less is not erased: its calibration would be noise
    private const double LeastVariance = 1e-6;
    private static readonly TensorOperator EigenOf = new("aten::linalg_eigh");
    private static readonly TensorOperator InverseOf = new("aten::linalg_inv");

    /// <summary>Fits.</summary>
    /// <param name="pictures">As they come to the erasure; column 0 is the task, the rest are attributes.</param>
    /// <param name="cancellation">Checked between steps.</param>
    /// <returns>Number of directions that are replaced, and of coordinates that the network sees.</returns>
    public (int Directions, int Seen) Run(LabelledPictures pictures, CancellationToken cancellation)
    {
        using TensorScope scope = TensorScope.Open();
        PictureSet seen = Seen(pictures.Pictures);
        Teach(seen, cancellation);
        using GradientMode off = GradientMode.Off();
        (Tensor own, Tensor calibration, int coordinates) = Calibrate(seen);
        return (Solve(own, calibration, pictures.Columns), coordinates);
    }

    private void Teach(PictureSet pictures, CancellationToken cancellation)
    {
        foreach (Nn.Parameter parameter in erasure.Estimator.Parameters())
        {
            parameter.IsTrainable = true;
        }

        using (var step = new ReaderStep(erasure.Estimator, new SquaredError(), weightDecay: 1e-4))
        {
            ISeededRandom order = random.Derive("order");
            int steps = Math.Min(MostSteps, (Epochs * pictures.Count / Batch) + 1);
            for (int i = 0; i < steps; i++)
            {
                cancellation.ThrowIfCancellationRequested();
                using TensorScope scope = TensorScope.Open();
                int[] rows = [.. Enumerable.Range(0, Batch).Select(_ => order.NextInt(pictures.Count))];
                Tensor coordinates = Normal(Batch, random.Derive("moves", (ulong)i));
                Tensor moved;
                using (GradientMode.Off())
                {
                    moved = erasure.Coordinates.Move(pictures.Batch(rows), coordinates).Clamp(0, 1);
                }

                step.Take(moved, coordinates, LearningRate * (1 - (0.95 * i / steps)));
            }
        }

        erasure.Estimator.Freeze("");
    }

    // Least squares of the change of the estimate on the change of the coordinates: estimate ≈ own + moves · B. A network that is trained for the least error gives too small answers.
    private (Tensor Own, Tensor Inverse, int Seen) Calibrate(PictureSet pictures)
    {
        int k = erasure.Coordinates.Count;
        using TensorScope scope = TensorScope.Open();
        List<Tensor> estimates = [];
        int used = 0;
        Tensor moments = Tensor.Zeros(k, k).To(DType.Float64), products = Tensor.Zeros(k, k).To(DType.Float64);
        int repetitions = 1 + (MovesACoordinate * k / pictures.Count); // few pictures are moved several times
        foreach (int[] rows in Enumerable.Repeat(Enumerable.Range(0, pictures.Count).Chunk(Batch), repetitions).SelectMany(chunks => chunks))
        {
            using TensorScope own = TensorScope.Open();
            Tensor batch = pictures.Batch(rows), moves = Normal(rows.Length, random.Derive("calibration", (ulong)used++)) * 0.5;
            Tensor before = erasure.Estimate(batch), after = erasure.Estimate(erasure.Coordinates.Move(batch, moves).Clamp(0, 1));
            Tensor wide = moves.To(DType.Float64).Transpose();
            if (used <= (pictures.Count + Batch - 1) / Batch)
            {
                estimates.Add(own.Keep(before.To(DType.Float64)));
            }

            moments = own.Keep(moments + wide.MatMul(moves.To(DType.Float64)));
            products = own.Keep(products + wide.MatMul((after - before).To(DType.Float64)));
        }

        double[] slopes = InverseOf.Call(moments).MatMul(products).Contiguous().ToArray<double>();
        bool[] isSeen = [.. Enumerable.Range(0, k).Select(i => slopes[(i * k) + i] >= LeastSlope)];
        double[] Masked(double[] matrix, double diagonal) => [.. matrix.Select((value, i) => isSeen[i / k] && isSeen[i % k] ? value : i / k == i % k ? diagonal : 0)];
        double[] inverse = InverseOf.Call(Tensor.From<double>(Masked(slopes, 1), k, k)).Contiguous().ToArray<double>();
        return (scope.Keep(Tensor.Concatenate(0, [.. estimates])), scope.Keep(Tensor.From<double>(Masked(inverse, 0), k, k)), isSeen.Count(seen => seen));
    }

    private int Solve(Tensor estimates, Tensor calibration, IReadOnlyList<SubjectColumn> columns)
    {
        int n = (int)estimates.Size(0), k = erasure.Coordinates.Count;
        Tensor mean = estimates.Mean([0], keep: true);
        Tensor coordinates = (estimates - mean).MatMul(calibration);
        Tensor?[] eigen = EigenOf.CallMany(2, coordinates.Transpose().MatMul(coordinates) / n);
        Tensor deviation = eigen[0]!.Clamp(minimum: LeastVariance).Sqrt(), axes = eigen[1]!;
        double[] whitened = (coordinates.MatMul(axes) / deviation).Contiguous().ToArray<double>();

        var directions = new DirectionSet(k, CoordinateErasure.Directions);
        var task = new DirectionSet(k, CoordinateErasure.Directions);
        foreach (double[] direction in ClassMeans.Of(whitened, k, columns[0].Labels))
        {
            directions.Protect(direction);
            task.Add(direction);
        }

        foreach (double[] direction in columns.Skip(1).SelectMany(column => ClassMeans.Of(whitened, k, column.Labels)))
        {
            directions.Add(direction);
        }

        Tensor chosen = Tensor.From<double>(directions.ToArray(CoordinateErasure.Directions), CoordinateErasure.Directions, k).Transpose(); // Q [K, r]
        Tensor kept = Tensor.From<double>(task.ToArray(CoordinateErasure.Directions), CoordinateErasure.Directions, k).Transpose();
        Tensor read = (axes / deviation).MatMul(chosen), write = (axes * deviation).MatMul(chosen);
        Tensor free = Identity(k) - (axes / deviation).MatMul(kept).MatMul((axes * deviation).MatMul(kept).Transpose());
        erasure.Set(mean.Reshape(-1), calibration.MatMul(read).Transpose().Contiguous(), write, free);
        return directions.Count;
    }

    private PictureSet Seen(PictureSet pictures)
    {
        if (pictures.Side == erasure.Side)
        {
            return pictures;
        }

        using GradientMode off = GradientMode.Off();
        return PictureSet.Fill(pictures.Channels, erasure.Side, pictures.Count, (row, samples) =>
        {
            using TensorScope scope = TensorScope.Open();
            PictureSet.Quantise(erasure.Seen(pictures.Batch([row])).Contiguous().Data<float>(), samples);
        });
    }

    private Tensor Normal(int count, ISeededRandom source) =>
        Tensor.From<float>([.. Enumerable.Range(0, count * erasure.Coordinates.Count).Select(_ => (float)source.NextGaussian())], count, erasure.Coordinates.Count);

    private static Tensor Identity(int k) => Tensor.From<double>([.. Enumerable.Range(0, k * k).Select(i => i / k == i % k ? 1.0 : 0.0)], k, k);

    private sealed class SquaredError : IPerImageLoss
    {
        public Tensor PerImage(Tensor logits, Tensor labels) => (logits - labels).Square().Mean([1]);
    }
}
