using Pellicle.Core.Errors;
using Pellicle.Core.Random;
using Pellicle.Nn;
using Pellicle.Nn.Losses;
using Pellicle.Privacy.Clipping;
using Pellicle.Tensors;

namespace Pellicle.Privacy.Tests.Clipping;

/// <summary>With bfloat16 products the contribution of a unit stays within the bound, norms and sums are those of the rounded rows, and gradients stay near those of float32.</summary>
public sealed class BFloat16Tests
{
    private const ProductPrecision Narrow = ProductPrecision.Bfloat16;

    public static TheoryData<string, string, string> Settings
    {
        get
        {
            var data = new TheoryData<string, string, string>();
            foreach (string model in new[] { "linear", "tokens", "patches", "loraTransformer", "biasOnlyTransformer" })
            {
                foreach (string method in new[] { "Gram", "PerSample" })
                {
                    foreach (string mode in new[] { "Flat", "PerLayer", "Automatic" })
                    {
                        data.Add(model, method, mode);
                    }
                }
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Settings))]
    public void Contribution_of_a_unit_has_norm_at_most_the_bound_for_ordinary_huge_and_tiny_gradients(string name, string method, string mode)
    {
        (Layer model, long[] shape) = ClippingCases.Create(name);
        using (model)
        using (TensorScope.Open())
        {
            (Tensor images, Tensor labels) = ClippingCases.Batch(2, shape);
            foreach (double weight in new[] { 1, 1e6, 1e30, 1e-30 })
            {
                foreach (double bound in new[] { 1, 0.01, 1e-12 })
                {
                    using var loss = new CrossEntropyLoss(weight, weight, weight, weight);
                    var options = new ClippingOptions { Mode = Enum.Parse<ClippingMode>(mode), MaxGradNorm = bound };
                    (_, ClippedSum sum) = Step(model, loss, images, labels, UnitLayout.Regular(1, 2), options, Enum.Parse<ClippingMethod>(method));
                    Assert.InRange(Norm(sum), 0, bound);
                }
            }
        }
    }

    [Theory]
    [InlineData(0.1)]
    [InlineData(1e-2)]
    [InlineData(1e-5)]
    [InlineData(0)]
    public void Contribution_of_a_unit_whose_rows_cancel_has_norm_at_most_the_bound(double difference)
    {
        // Two nearly equal images with opposite gradients: their products cancel, and what rounding leaves of them may be all there is.
        using TensorScope scope = TensorScope.Open();
        var random = new SeededRandom(5);
        using Layer model = new Sequential(new Flatten(), new Linear(200, 2, random));
        model.Parameters()[0].Value.Data<float>().Clear();
        model.Parameters()[1].Value.Data<float>().Clear();
        float[] values = new float[400];
        for (int i = 0; i < 200; i++)
        {
            values[i] = (float)random.NextGaussian() * 1000;
            values[200 + i] = values[i] * (float)(1 + difference);
        }

        Tensor images = Tensor.From<float>(values, 2, 1, 10, 20);
        Tensor labels = Tensor.From<long>([0, 1], 2);
        using var loss = new CrossEntropyLoss();
        foreach (double bound in new[] { 1e-3, 1, 37, 1e9 })
        {
            (ClippedBatch batch, ClippedSum sum) = Step(model, loss, images, labels, UnitLayout.Regular(1, 2), new ClippingOptions { MaxGradNorm = bound }, ClippingMethod.Gram);
            Assert.InRange(Norm(sum), 0, bound);
            Assert.InRange(Norm(sum), 0, batch.UnitNorms[0] * (1 + 1e-9));
        }
    }

    [Theory]
    [InlineData("tokens", "Gram")]
    [InlineData("tokens", "PerSample")]
    [InlineData("patches", "Gram")]
    [InlineData("patches", "PerSample")]
    public void Norms_and_sums_are_those_of_the_rounded_rows(string name, string method)
    {
        (Layer model, long[] shape) = ClippingCases.Create(name);
        using (model)
        using (TensorScope.Open())
        using (var loss = new CrossEntropyLoss())
        {
            (Tensor images, Tensor labels) = ClippingCases.Batch(6, shape);
            UnitLayout units = UnitLayout.Regular(3, 2);
            Dictionary<Parameter, double[][]> exact = ExactWeightGradients(model, loss, images, labels, units);
            var options = new ClippingOptions { Mode = ClippingMode.PerLayer, MaxGradNorm = 1e-2 };
            (ClippedBatch batch, ClippedSum sum) = Step(model, loss, images, labels, units, options, Enum.Parse<ClippingMethod>(method));
            int checkedWeights = 0;
            int layer = -1;
            foreach (Layer recorded in Recorded(model, loss, images, labels, units))
            {
                layer++;
                foreach (Parameter weight in recorded.OwnParameters.Where(exact.ContainsKey))
                {
                    checkedWeights++;
                    double bound = 1e-2 / Math.Sqrt(model.Tree().Count(l => l.IsTrainable));
                    double[] expected = new double[weight.Count];
                    for (int u = 0; u < units.Units; u++)
                    {
                        // The layer's norm includes its bias; the weight's alone is not above it. Formed in float32 it may be 2⁻²⁴ off for each row.
                        double norm = batch.LayerNorms[layer][u];
                        Assert.InRange(Math.Sqrt(exact[weight][u].Sum(value => value * value)), 0, norm * (1 + 1e-5));
                        double factor = Math.Min(1, bound * (1 - (1.0 / 65536)) / norm);
                        for (int i = 0; i < expected.Length; i++)
                        {
                            expected[i] += factor * exact[weight][u][i];
                        }
                    }

                    float[] actual = weight.Gradient!.ToArray<float>();
                    double error = Math.Sqrt(actual.Zip(expected, (a, e) => (a - e) * (a - e)).Sum());

                    // 2⁻¹⁷ of Σ |a||g|, which is at most some tens of times the norm here.
                    Assert.InRange(error / Math.Sqrt(expected.Sum(e => e * e)), 0, 1e-4);
                }
            }

            Assert.Equal(exact.Count, checkedWeights);
            Assert.NotEmpty(exact);
            Assert.InRange(Norm(sum), 0, units.Units * 1e-2);
        }
    }

    [Theory]
    [InlineData("tokens")]
    [InlineData("patches")]
    [InlineData("loraTransformer")]
    public void Gradients_differ_from_those_of_float32_by_a_few_percent(string name)
    {
        (Layer model, long[] shape) = ClippingCases.Create(name);
        using (model)
        using (TensorScope.Open())
        using (var loss = new CrossEntropyLoss())
        {
            (Tensor images, Tensor labels) = ClippingCases.Batch(5, shape);
            UnitLayout units = UnitLayout.OneImageEach(5);
            var loop = new UnitGradientLoop(model, loss, images, labels, units);
            (ClippedBatch batch, ClippedSum sum) = Step(model, loss, images, labels, units, new ClippingOptions { MaxGradNorm = 1e9 }, null);

            // Each product rounds its operands by up to 2⁻⁹; some tens of them lie between a weight and the loss and back.
            Assert.InRange(UnitGradientLoop.RelativeError(sum.Parameters, loop.Sum(_ => 1)), 1e-5, 0.04);
            Assert.Equal(loop.LossSum, batch.LossSum, 0.02 * Math.Abs(loop.LossSum));
        }
    }

    [Fact]
    public void Ordinary_gradients_of_one_image_are_the_same_as_unclipped_private_ones()
    {
        (Layer model, long[] shape) = ClippingCases.Create("patches");
        using (model)
        using (TensorScope.Open())
        using (var loss = new CrossEntropyLoss())
        {
            (Tensor images, Tensor labels) = ClippingCases.Batch(3, shape);
            UnitLayout units = UnitLayout.OneImageEach(3);
            (_, ClippedSum unclipped) = Step(model, loss, images, labels, units, new ClippingOptions { MaxGradNorm = 1e9 }, ClippingMethod.Gram);
            double[][] expected = [.. unclipped.Parameters.Select(parameter => Array.ConvertAll(parameter.Gradient!.ToArray<float>(), value => (double)value))];
            (_, ClippedSum ordinary) = Step(model, loss, images, labels, units, null, null);
            Assert.InRange(UnitGradientLoop.RelativeError(ordinary.Parameters, expected), 0, 1e-5);
        }
    }

    [Fact]
    public void Trap_18_a_step_that_overflows_in_bfloat16_is_never_skipped_in_silence()
    {
        (Layer model, long[] shape) = ClippingCases.Create("patches");
        using (model)
        using (TensorScope.Open())
        using (var loss = new CrossEntropyLoss())
        {
            (Tensor images, Tensor labels) = ClippingCases.Batch(3, shape);
            images.Narrow(0, 1, 1).Data<float>().Fill(3.4e38f); // finite in float32, infinite as bfloat16
            UnitLayout units = UnitLayout.OneImageEach(3);
            Assert.Throws<NonFiniteGradientException>(() => Step(model, loss, images, labels, units, new ClippingOptions(), null));
            (ClippedBatch batch, ClippedSum sum) = Step(model, loss, images, labels, units, new ClippingOptions { ZeroNonFinite = true }, null);
            Assert.Equal(1, batch.NonFinite);
            Assert.InRange(Norm(sum), 1e-6, 2);
        }
    }

    [Fact]
    public void Layers_without_such_products_are_refused_by_name_all_at_once()
    {
        (Layer model, _) = ClippingCases.Create("basicBlock");
        using (model)
        using (var loss = new CrossEntropyLoss())
        {
            UsageException e = Assert.Throws<UsageException>(() => new PerUnitClipper(model, loss, new ClippingOptions(), precision: Narrow));
            Assert.Equal(3, e.Problems.Count);
            Assert.Contains("'0.conv1'", e.Message, StringComparison.Ordinal);
            Assert.All(e.Problems, problem => Assert.Contains("(Conv2d)", problem.Message, StringComparison.Ordinal));
        }
    }

    private static (ClippedBatch Batch, ClippedSum Sum) Step(Layer model, CrossEntropyLoss loss, Tensor images, Tensor labels, UnitLayout units, ClippingOptions? options, ClippingMethod? method)
    {
        using var clipper = new PerUnitClipper(model, loss, options, new ClippingExecution { ForcedMethod = method }, Narrow);
        clipper.BeginStep();
        ClippedBatch batch = clipper.Add(images, labels, units, new SeededRandom(1));
        return (batch, clipper.EndStep());
    }

    private static double Norm(ClippedSum sum) =>
        Math.Sqrt(sum.Parameters.Sum(parameter => parameter.Gradient!.ToArray<float>().Sum(value => (double)value * value)));

    // The slow twin: Σ_t g_t a_tᵀ of each unit, in double, from the rows as recorded.
    private static Dictionary<Parameter, double[][]> ExactWeightGradients(Layer model, CrossEntropyLoss loss, Tensor images, Tensor labels, UnitLayout units)
    {
        var exact = new Dictionary<Parameter, double[][]>();
        Record(model, loss, images, labels, units, record =>
        {
            if (record.Weight() is not { } gradient)
            {
                return;
            }

            Assert.Equal(DType.BFloat16, gradient.Inputs.Type);
            Assert.Equal(DType.BFloat16, gradient.Gradients.Type);
            int d = (int)record.Shape.InputWidth;
            int p = (int)record.Shape.OutputWidth;
            int rows = (int)record.Shape.Tokens * units.ImagesPerUnit;
            float[] a = gradient.Inputs.To(DType.Float32).ToArray<float>();
            float[] g = gradient.Gradients.To(DType.Float32).ToArray<float>();
            exact[gradient.Weight] = [.. Enumerable.Range(0, units.Units).Select(u =>
            {
                var sum = new double[p * d];
                for (int t = u * rows; t < (u + 1) * rows; t++)
                {
                    for (int i = 0; i < p * d; i++)
                    {
                        sum[i] += (double)g[(t * p) + (i / d)] * a[(t * d) + (i % d)];
                    }
                }

                return sum;
            })];
        });
        return exact;
    }

    private static List<Layer> Recorded(Layer model, CrossEntropyLoss loss, Tensor images, Tensor labels, UnitLayout units)
    {
        var layers = new List<Layer>();
        Record(model, loss, images, labels, units, record => layers.Add(record.Layer));
        return layers;
    }

    private static void Record(Layer model, CrossEntropyLoss loss, Tensor images, Tensor labels, UnitLayout units, Action<TapeRecord> visit)
    {
        using TensorScope scope = TensorScope.Open();
        using var tape = new GradientTape();
        using (GradientMode.Recording())
        {
            Tensor logits = model.Forward(images, ForwardContext.Training(tape, new SeededRandom(1), precision: Narrow));
            float[] weights = [.. Enumerable.Repeat(1f / units.ImagesPerUnit, units.Images)];
            tape.Differentiate((loss.PerImage(logits, labels) * Tensor.From<float>(weights, weights.Length)).Sum());
        }

        using GradientMode off = GradientMode.Off();
        foreach (TapeRecord record in tape.Records.Where(record => record.OutputGradient is not null))
        {
            visit(record);
        }
    }
}
