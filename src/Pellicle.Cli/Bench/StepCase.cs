using Pellicle.Nn;

namespace Pellicle.Cli.Bench;

/// <summary>One question: how long does a training step of this network take at this batch size?</summary>
/// <param name="Model">Catalogue name.</param>
/// <param name="ImageSize">Side, pixels.</param>
/// <param name="Channels">1 or 3.</param>
/// <param name="Batch">Images a step.</param>
/// <param name="Runs">Timed steps of each kind.</param>
/// <param name="Precision">Number format of the operands of products.</param>
internal sealed record StepCase(string Model, int ImageSize, int Channels, int Batch, int Runs, ProductPrecision Precision = ProductPrecision.Float32)
{
    /// <summary>Model and batch, and the format where it is not float32.</summary>
    public string Name => $"{Model}-{Batch}{(Precision == ProductPrecision.Bfloat16 ? "-bfloat16" : "")}";

    /// <summary>All cases, quick ones first.</summary>
    public static IReadOnlyList<StepCase> All { get; } =
    [
        new("cnn_mnist", 28, 1, 64, 200),
        new("cnn_mnist", 28, 1, 512, 40),
        new("resnet18_gn", 64, 3, 64, 9),
        new("vit_tiny", 224, 3, 32, 5),
        new("vit_tiny", 224, 3, 32, 5, ProductPrecision.Bfloat16),
        new("vit_base", 224, 3, 8, 3),
        new("vit_base", 224, 3, 8, 3, ProductPrecision.Bfloat16),
    ];
}
