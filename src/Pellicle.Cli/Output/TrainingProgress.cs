using Pellicle.Training;
using Pellicle.Training.Runs;

namespace Pellicle.Cli.Output;

/// <summary>Shows a training run: epoch, step, loss, images a second, clipped share, epsilon at delta, time left.</summary>
/// <param name="reporter">Takes the lines.</param>
/// <param name="label">Put before each line, such as "train"; tells several runs of one command apart.</param>
/// <param name="countsRounds">Steps are rounds of a game, without epochs and without a question of differential privacy.</param>
internal sealed class TrainingProgress(Reporter reporter, string label = "train", bool countsRounds = false) : ITrainingObserver
{
    // Steps differ in size; the average over about 50 of them is steady enough to read.
    private const double Smoothing = 0.02;

    private double? _secondsPerStep;
    private double? _loss;
    private double? _images;

    public void Note(string text) => reporter.Note(text);

    public void Warn(string text) => reporter.Warn(text);

    public void StepTaken(StepMetrics metrics, long plannedSteps)
    {
        ArgumentNullException.ThrowIfNull(metrics);
        _secondsPerStep = Smooth(_secondsPerStep, metrics.SecondsPerStep);
        _images = Smooth(_images, metrics.BatchSize);
        _loss = metrics.Loss is { } loss ? Smooth(_loss, loss) : _loss;
        reporter.Progress(() => Line(metrics, plannedSteps), isLast: metrics.Step == plannedSteps);
    }

    private static double Smooth(double? average, double value) => average is { } a ? a + (Smoothing * (value - a)) : value;

    private string Line(StepMetrics metrics, long plannedSteps)
    {
        string privacy = metrics.Epsilon is null
            ? "not private"
            : $"clipped {ReadableNumber.Percent(metrics.ClippedFraction)}, epsilon {ReadableNumber.Fixed(metrics.Epsilon, 3)} at delta {ReadableNumber.Of(metrics.Delta)}";
        double left = (plannedSteps - metrics.Step) * _secondsPerStep!.Value;
        return countsRounds
            ? $"{label}: round {metrics.Step}/{plannedSteps}, generator loss {ReadableNumber.Fixed(_loss, 4)}, {ReadableNumber.Duration(left)} left"
            : $"{label}: epoch {metrics.Epoch:F1}, step {metrics.Step}/{plannedSteps}, loss {ReadableNumber.Fixed(_loss, 4)}, "
            + $"{_images / Math.Max(_secondsPerStep!.Value, 1e-9):F0} images/s, {privacy}, {ReadableNumber.Duration(left)} left";
    }
}
