using Pellicle.Privacy.Sampling;

namespace Pellicle.Training.Steps;

/// <summary>The images of a logical batch as the network sees them: K views of every drawn image, those of one unit next to each other.</summary>
/// <param name="Batch">What was drawn.</param>
/// <param name="Views">K, at least 1.</param>
internal readonly record struct BatchViews(SampledBatch Batch, int Views)
{
    /// <summary>Images to compute: drawn images times K.</summary>
    public int Count => checked(Batch.Records.Count * Views);

    /// <summary>Position of an image in the training list.</summary>
    public int RecordOf(int image) => Batch.Records[image / Views];

    /// <summary>Which view of it: 0 … K−1.</summary>
    public int ViewOf(int image) => image % Views;

    /// <summary>Place of its unit in the batch.</summary>
    public int UnitOf(int image) => Batch.UnitOfRecord[image / Views];
}
