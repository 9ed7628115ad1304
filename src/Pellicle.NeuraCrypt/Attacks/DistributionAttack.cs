using Pellicle.Core.Random;
using Pellicle.NeuraCrypt.Encoders;
using Pellicle.NeuraCrypt.Keys;
using Pellicle.Nn;
using Pellicle.Tensors;

namespace Pellicle.NeuraCrypt.Attacks;

/// <summary>Attacks that know no pair: train an own encoder until its encodings are distributed as those of the target → compare patch means.</summary>
/// <remarks>Yala et al. 2021, section 5. Their figure for it: above 99 % on the linear encoder, below 5 % at depth 4.</remarks>
internal abstract class DistributionAttack : EncodingAttack
{
    private const int RowsPerStep = 4096;
    private const int MostPicturesPerStep = 64;
    private const int ImagesForRows = 8;

    public override IReadOnlyList<string> AttackerKnows { get; } = ["pictures of the same distribution", "family of the encoder"];

    public override AttackFinding Run(AttackScene scene, AttackTarget target)
    {
        Tensor encodings = target.All();
        Tensor means = encodings.Mean(1);
        using TrainableEncoder own = Fit(scene, target, encodings, out double loss);
        Tensor predicted = Tensor.Concatenate(0, [.. scene.Gallery.Batches.Select(batch => own.Encode(batch).Mean(1))]);
        double[,] cost = RowDistances.Of(means, predicted);
        double baseline = (means - means.Mean(0)).Square().Mean().Item();
        double meanToMean = target.Truth.Select((picture, i) => cost[i, picture]).Average();
        return new AttackFinding
        {
            Score = MatchScore.Of(cost, target.Truth),
            RandomBits = MatchScore.Of(RowDistances.Of(scene.NoiseLike(target).All().Mean(1), predicted), target.Truth),
            Extra = new Dictionary<string, double>
            {
                ["loss"] = loss,
                ["meanToMeanMse"] = meanToMean,
                ["predMeanBaseline"] = baseline,
                ["overallMse/baseline"] = meanToMean / baseline,
                ["permutationMse"] = PermutationMse(scene, target, own, encodings),
            },
        };
    }

    /// <summary>Draws an encoder and trains it; the caller disposes it.</summary>
    /// <param name="scene">Pictures and budget.</param>
    /// <param name="target">Whose encodings.</param>
    /// <param name="encodings">[N, P, hidden] of the target.</param>
    /// <param name="loss">The last one.</param>
    public TrainableEncoder Fit(AttackScene scene, AttackTarget target, Tensor encodings, out double loss)
    {
        EncoderArchitecture a = scene.Family.Architecture;
        using PrivateEncoder start = new NeuraCryptFamily(a with { Normalisation = EncoderNormalisation.Frozen, WidthFactor = a.WidthFactor * scene.Budget.AttackerWidth }, scene.Random).Draw(scene.Gallery.Batches);
        var own = new TrainableEncoder(start);
        loss = Train(scene, target, own, encodings);
        return own;
    }

    /// <summary>Trains the attacker's encoder.</summary>
    /// <param name="scene">Pictures and budget.</param>
    /// <param name="target">Labels follow from its truth: they are published with the encodings.</param>
    /// <param name="own">Changed in place.</param>
    /// <param name="encodings">[N, P, hidden] of the target, rows shuffled.</param>
    /// <returns>The last loss.</returns>
    protected abstract double Train(AttackScene scene, AttackTarget target, TrainableEncoder own, Tensor encodings);

    /// <summary>Random pictures for a step, and for each the same number of random patches.</summary>
    private protected static StepSample Draw(AttackScene scene)
    {
        EncoderArchitecture a = scene.Family.Architecture;
        int pictures = Math.Min(MostPicturesPerStep, scene.Gallery.Count);
        int rows = Math.Min(a.Patches, Math.Max(1, RowsPerStep / pictures));
        int[] chosen = [.. Enumerable.Range(0, pictures).Select(_ => scene.Seeds.NextInt(scene.Gallery.Count))];
        long[] places = [.. chosen.SelectMany(_ => PatchShuffle.Draw(a.Patches, scene.Random).Take(rows).Select(place => (long)place))];
        Tensor index = Tensor.From<long>([.. places.Select((place, i) => (i / rows * a.Patches) + place)], places.Length);
        Tensor patches = PrivateEncoder.Patches(scene.Gallery.Pictures(chosen), a).IndexSelect(0, index);
        return new StepSample(chosen, patches, Tensor.From<long>(places, places.Length), rows);
    }

    /// <summary>The attacker's encodings of a sample, [B, rows, hidden], differentiable.</summary>
    private protected static Tensor Encode(TrainableEncoder own, StepSample sample, ReferencePass pass) =>
        own.ReferenceRows(sample.Patches, sample.Places, pass).Reshape(sample.Pictures.Length, sample.Rows, -1);

    // Mean squared difference of right pairs after the best matching of their rows.
    private static double PermutationMse(AttackScene scene, AttackTarget target, TrainableEncoder own, Tensor encodings) =>
        Enumerable.Range(0, Math.Min(ImagesForRows, target.Count)).Average(i =>
        {
            using TensorScope scope = TensorScope.Open();
            double[,] cost = RowDistances.Of(encodings.Select(0, i), own.Encode(scene.Gallery.Pictures([target.Truth[i]])).Select(0, 0));
            return Assignment.Solve(cost).Select((column, row) => cost[row, column]).Average();
        });

    /// <summary>What a step looks at.</summary>
    /// <param name="Pictures">Numbers of pictures, B.</param>
    /// <param name="Patches">[B · rows, C·k·k].</param>
    /// <param name="Places">[B · rows].</param>
    /// <param name="Rows">Patches of each picture.</param>
    private protected sealed record StepSample(int[] Pictures, Tensor Patches, Tensor Places, int Rows);
}
