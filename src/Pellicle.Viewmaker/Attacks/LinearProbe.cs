using Pellicle.Core.Random;
using Pellicle.Nn;
using Pellicle.Nn.Optimizers;
using Pellicle.Tensors;
using Pellicle.Viewmaker.Readers;
using Pellicle.Viewmaker.Subjects;

namespace Pellicle.Viewmaker.Attacks;

/// <summary>A linear attacker on the features of a network that was trained for the task: what a "harmless" model's features give away.</summary>
internal static class LinearProbe
{
    /// <summary>Trains one linear layer a column on features of the training pictures, and reads the test pictures.</summary>
    public static IReadOnlyList<double[][]> Read(Reader task, AttackMaterial material, int epochs)
    {
        using TensorScope scope = TensorScope.Open();
        (Tensor training, Tensor test) = Standardised(Features(task, material.Training.Pictures), Features(task, material.Test.Pictures));
        return [.. material.Training.Columns.Select(column => Column(training, test, column, 20 * epochs))];
    }

    private static double[][] Column(Tensor training, Tensor test, SubjectColumn column, int steps)
    {
        using TensorScope scope = TensorScope.Open();
        using var layer = new Linear((int)training.Size(1), column.Classes.Count, new SeededRandom(1));
        using var optimizer = Optimizer.Create(new OptimizerOptions { Kind = OptimizerKind.AdamW, WeightDecay = 1e-2 });
        long[] known = [.. Enumerable.Range(0, column.Labels.Count).Where(row => column.Labels[row] >= 0).Select(row => (long)row)];
        Tensor rows = training.IndexSelect(0, Tensor.From<long>(known, known.Length));
        Tensor labels = Tensor.From<long>(Array.ConvertAll(known, row => (long)column.Labels[(int)row]), known.Length);
        IReadOnlyList<Parameter> parameters = layer.TrainableParameters();
        for (int step = 0; step < steps; step++)
        {
            using TensorScope inner = TensorScope.Open();
            Tensor?[] gradients;
            using (GradientMode.Recording())
            {
                var pass = new ReferencePass(layer, DType.Float32, ForwardContext.Evaluation());
                gradients = Tensor.Gradients(Objectives.CrossEntropy(layer.Reference(rows, pass), labels).Mean(), [.. parameters.Select(pass.Of)]);
            }

            using GradientMode off = GradientMode.Off();
            for (int i = 0; i < gradients.Length; i++)
            {
                parameters[i].ZeroGradient().CopyFrom(gradients[i]!);
            }

            optimizer.Step(parameters, 1e-2);
        }

        using GradientMode evaluation = GradientMode.Off();
        float[] logits = layer.Forward(test, ForwardContext.Evaluation()).LogSoftmax().Contiguous().ToArray<float>();
        int classes = column.Classes.Count;
        return [.. Enumerable.Range(0, classes).Select(k => Enumerable.Range(0, logits.Length / classes).Select(i => (double)logits[(i * classes) + k]).ToArray())];
    }

    private static Tensor Features(Reader task, PictureSet pictures)
    {
        using GradientMode off = GradientMode.Off();
        var parts = new List<Tensor>();
        for (int start = 0; start < pictures.Count; start += 128)
        {
            using TensorScope scope = TensorScope.Open();
            Tensor batch = (pictures.Batch([.. Enumerable.Range(start, Math.Min(128, pictures.Count - start))]) * 2) - 1;
            ForwardContext context = ForwardContext.Evaluation();
            Tensor features = task.Network.Root switch
            {
                FeatureNetwork network => network.Features(batch, context),
                Sequential sequential => sequential.Children.SkipLast(1).Aggregate(batch, (x, layer) => layer.Forward(x, context)),
                Layer other => other.Forward(batch, context), // logits, where nothing else is to be had
            };
            parts.Add(scope.Keep(features.Reshape(batch.Size(0), -1).Contiguous()));
        }

        return Tensor.Concatenate(0, [.. parts]);
    }

    private static (Tensor Training, Tensor Test) Standardised(Tensor training, Tensor test)
    {
        Tensor mean = training.Mean(0, keep: true);
        Tensor deviation = ((training - mean).Square().Mean(0, keep: true) + 1e-8).Sqrt();
        return ((training - mean) / deviation, (test - mean) / deviation);
    }
}
