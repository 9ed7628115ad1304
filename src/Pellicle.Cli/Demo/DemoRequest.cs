namespace Pellicle.Cli.Demo;

/// <summary>What <c>demo</c> is asked to do.</summary>
/// <param name="OutDir">New folder for images, run and report.</param>
/// <param name="Images">Synthetic images over all splits.</param>
/// <param name="Epochs">Passes over the training split.</param>
internal sealed record DemoRequest(string OutDir, int Images, int Epochs)
{
    public const int DefaultImages = 2400;

    public const int DefaultEpochs = 20;
}
