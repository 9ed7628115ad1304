using System.Diagnostics.CodeAnalysis;
using Pellicle.Core.Errors;
using Pellicle.Data;
using Pellicle.Formats.Onnx;
using Pellicle.Formats.Onnx.Execution;
using Pellicle.Models;
using Pellicle.Native;
using Pellicle.Tensors;
using Pellicle.Training.Exchange;
using Pellicle.Training.Metrics;
using Pellicle.Training.Runs;

namespace Pellicle.Training.Evaluation;

/// <summary>Load the model → read the pictures → predict.</summary>
public sealed class PredictPipeline
{
    /// <summary>Predicts pictures in the clear.</summary>
    /// <param name="request">Model and pictures.</param>
    /// <exception cref="DataFormatException">The model or pictures cannot be used: all of them are listed.</exception>
    [SuppressMessage("Performance", "CA1822", Justification = "Pipelines are objects, so that all commands use them alike.")]
    public PredictResult Run(PredictRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        NativeRuntime.Start(request.Threads);
        if (request.Model.EndsWith(".onnx", StringComparison.OrdinalIgnoreCase))
        {
            return RunOnnx(request);
        }

        (ImageClassifier model, ModelMetadata metadata) = ModelFolder.Load(request.Model);
        using (model)
        {
            var options = new DatasetOptions { Window = DicomWindow.Parse(metadata.Window) };
            IReadOnlyList<float[]> pixels = request.Encoder is { } encoder ? EncodeAll(request.Images, encoder, model, options) : ReadAll(request.Images, metadata.ToTransform(), options);
            LabelledPredictions predictions = new ModelEvaluator(model).Predict(pixels, [.. pixels.Select(_ => 0)]);
            return new PredictResult(request.Model, [.. request.Images.Select((file, i) => Describe(file, i, predictions, metadata.Classes, request.Top))]);
        }
    }

    // One picture at a time: a foreign file may fix its batch to 1.
    private static PredictResult RunOnnx(PredictRequest request)
    {
        OnnxModel model = OnnxFile.Read(request.Model);
        OnnxContract contract = OnnxContract.Read(model, request.Model);
        var executor = new OnnxExecutor(model);
        float[][] pixels = ReadAll(request.Images, contract.ToTransform(), new DatasetOptions { Window = DicomWindow.Parse(contract.Window) });
        var probabilities = new List<float>();
        foreach (float[] image in pixels)
        {
            float[] logits = executor.Run(OnnxTensor.Of(image, 1, contract.Channels, contract.ImageSize, contract.ImageSize)).ToFloats();
            if (logits.Length != contract.Classes.Count)
            {
                throw new DataFormatException($"'{request.Model}' gives {logits.Length} numbers for a picture; expected one for each of {contract.Classes.Count} classes.", "Name every class: pellicle model import FILE --classes ... --out NEW.onnx");
            }

            probabilities.AddRange(ModelEvaluator.Softmax(logits));
        }

        var predictions = new LabelledPredictions([.. pixels.Select(_ => 0)], [.. probabilities], contract.Classes.Count);
        return new PredictResult(request.Model, [.. request.Images.Select((file, i) => Describe(file, i, predictions, contract.Classes, request.Top))]);
    }

    private static float[][] ReadAll(IReadOnlyList<string> files, ImageTransform transform, DatasetOptions options)
    {
        var problems = new List<Problem>();
        var images = new List<float[]>(files.Count);
        foreach (string file in files)
        {
            try
            {
                var pixels = new float[transform.SampleCount];
                transform.Apply(ImageFile.Read(file, options), pixels);
                images.Add(pixels);
            }
            catch (DataFormatException e)
            {
                problems.Add(new Problem(file, e.Message, e.Hint));
            }
        }

        return problems.Count switch
        {
            0 => [.. images],
            1 => throw new DataFormatException(problems[0].Message, problems[0].Hint, problems),
            _ => throw new DataFormatException($"{problems.Count} of {files.Count} pictures cannot be read; the first: {problems[0].Message}", problems[0].Hint, problems),
        };
    }

    private static float[][] EncodeAll(IReadOnlyList<string> files, IPictureEncoder encoder, ImageClassifier model, DatasetOptions options)
    {
        if (!model.Spec.InputShape.SequenceEqual([encoder.Layout.Tokens, encoder.Layout.Width]))
        {
            throw new UsageException(
                $"the key gives encodings of {encoder.Layout.Tokens} x {encoder.Layout.Width}; the model takes inputs of {string.Join(" x ", model.Spec.InputShape)}.",
                "Give the key the model was trained with; models with --source-tokens or on pictures take none.");
        }

        using TensorScope scope = TensorScope.Open();
        return [.. ReadAll(files, encoder.Transform, options).Select(pixels =>
        {
            using TensorScope one = TensorScope.Open();
            return encoder.Encode(Tensor.From<float>(pixels, 1, encoder.Transform.Channels, encoder.Transform.ImageSize, encoder.Transform.ImageSize)).ToArray<float>();
        })];
    }

    private static ImagePrediction Describe(string file, int image, LabelledPredictions predictions, IReadOnlyList<string> classes, int? top)
    {
        ClassProbability[] ordered = [.. classes
            .Select((name, k) => new ClassProbability(name, predictions.Probability(image, k)))
            .OrderByDescending(p => p.Probability)];
        return new ImagePrediction(file, ordered[0].Class, top is { } t ? [.. ordered.Take(t)] : ordered);
    }
}
