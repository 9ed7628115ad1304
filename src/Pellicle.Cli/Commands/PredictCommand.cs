using System.CommandLine;
using Pellicle.Cli.Encode;
using Pellicle.Cli.Output;
using Pellicle.Cli.Parsing;
using Pellicle.Training;
using Pellicle.Training.Configuration;
using Pellicle.Training.Evaluation;

namespace Pellicle.Cli.Commands;

/// <summary><c>predict</c>: class probabilities of pictures, in the clear.</summary>
internal sealed class PredictCommand : CliCommand
{
    private readonly KeyOptions _key = new();
    private readonly Option<string?> _encodeWith = CliOption.Text("--encode-with", "KEY", "encode the pictures with this key, for a model trained on its encodings");
    private readonly Argument<string?> _model = CliOption.Operand("MODEL", "run folder, model folder or ONNX file");
    private readonly Argument<string[]> _images = CliOption.Operands("IMAGE", "picture files: PNG, JPEG, NPY or DICOM");
    private readonly Option<int?> _top = CliOption.Whole("--top", "K", "list the K most probable classes [all]", 1, 10_000);

    public override string Name => "predict";

    public override string Summary => "class probabilities of pictures, in the clear";

    public override string Operands => "MODEL IMAGE...";

    public override IReadOnlyList<Argument> Arguments => [_model, _images];

    public override IReadOnlyList<Option> Options => [_top, _encodeWith, .. _key.All];

    public override IReadOnlyList<string> Examples => ["pellicle predict runs/last lesion.jpg", "pellicle predict runs/last/model a.png b.png --top 3 --json", "pellicle predict model.onnx lesion.jpg"];

    public override CommandOutcome Run(CommandContext context)
    {
        using IPictureEncoder? encoder = context.Value(_encodeWith) is { } key ? _key.EncoderOf(context)(new TrainConfig { Data = new DataSection { EncodeWith = key } }) : null;
        PredictResult result = new PredictPipeline().Run(new PredictRequest
        {
            Model = context.Value(_model)!,
            Images = context.Value(_images)!,
            Top = context.Value(_top),
            Encoder = encoder,
            Threads = context.Threads,
        });
        return new CommandOutcome(result, writer =>
        {
            foreach (ImagePrediction image in result.Predictions)
            {
                writer.WriteLine($"{image.File}: {image.Predicted}");
                foreach (ClassProbability one in image.Probabilities)
                {
                    writer.WriteLine($"  {ReadableNumber.Fixed(one.Probability, 4)}  {one.Class}");
                }
            }

            writer.WriteLine("Research use, not a medical device.");
        });
    }
}
