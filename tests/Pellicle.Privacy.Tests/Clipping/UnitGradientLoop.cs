using Pellicle.Nn;
using Pellicle.Nn.Losses;
using Pellicle.Privacy.Clipping;
using Pellicle.Tensors;

namespace Pellicle.Privacy.Tests.Clipping;

/// <summary>The slow twin: one unit at a time, ordinary operators, ordinary automatic differentiation, in double.</summary>
internal sealed class UnitGradientLoop
{
    private readonly IReadOnlyList<Parameter> _parameters;

    public UnitGradientLoop(Layer model, IPerImageLoss loss, Tensor images, Tensor labels, UnitLayout units, ulong dropoutSeed = 1)
    {
        _parameters = model.TrainableParameters();
        Gradients = new double[units.Units][][];
        for (int unit = 0; unit < units.Units; unit++)
        {
            using TensorScope scope = TensorScope.Open();
            using var recording = GradientMode.Recording();
            int[] members = [.. Enumerable.Range(0, units.Images).Where(image => units.UnitOf(image) == unit)];
            Tensor? sum = null;
            using var tape = new GradientTape();
            var random = new Core.Random.SeededRandom(dropoutSeed);
            var pass = new ReferencePass(model, DType.Float64, ForwardContext.Training(tape, random));
            foreach (int image in members)
            {
                // Each image runs by itself, with the key it has in the batch.
                var own = ForwardContext.Training(tape, random, new ulong[] { (ulong)image });
                Tensor logits = model.Reference(images.Narrow(0, image, 1).To(DType.Float64), pass.With(own));
                Tensor value = loss.PerImage(logits, labels.Narrow(0, image, 1)).Sum();
                sum = sum is null ? value : sum + value;
            }

            Tensor mean = sum! * (1.0 / members.Length);
            LossSum += mean.Item();
            Tensor?[] gradients = Tensor.Gradients(mean, _parameters.Select(pass.Of).ToArray());
            Gradients[unit] = [.. gradients.Select((gradient, i) => gradient?.ToArray<double>() ?? new double[_parameters[i].Count])];
        }
    }

    /// <summary>[unit][parameter][element].</summary>
    public double[][][] Gradients { get; }

    public double LossSum { get; }

    public double Norm(int unit) => Math.Sqrt(Gradients[unit].Sum(parameter => parameter.Sum(value => value * value)));

    /// <summary>Σ_u c_u g_u per parameter.</summary>
    public double[][] Sum(Func<int, double> factor) => Sum((unit, _) => factor(unit));

    public double[][] Sum(Func<int, Parameter, double> factor) =>
        [.. _parameters.Select((parameter, i) =>
        {
            var sum = new double[parameter.Count];
            for (int unit = 0; unit < Gradients.Length; unit++)
            {
                double c = factor(unit, parameter);
                for (int k = 0; k < sum.Length; k++)
                {
                    sum[k] += c * Gradients[unit][i][k];
                }
            }

            return sum;
        })];

    /// <summary>Largest difference of any parameter's sum, relative to the norm of all sums.</summary>
    public static double RelativeError(IReadOnlyList<Parameter> actual, double[][] expected)
    {
        double difference = 0;
        double size = 0;
        for (int i = 0; i < actual.Count; i++)
        {
            float[] values = actual[i].Gradient!.ToArray<float>();
            for (int k = 0; k < values.Length; k++)
            {
                difference += Math.Pow(values[k] - expected[i][k], 2);
                size += expected[i][k] * expected[i][k];
            }
        }

        return Math.Sqrt(difference / Math.Max(size, double.Epsilon));
    }
}
