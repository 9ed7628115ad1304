using Pellicle.NeuraCrypt.Encoders;
using Pellicle.Tensors;

namespace Pellicle.NeuraCrypt.Attacks;

/// <summary>The published break: simulate → learn patch similarity → undo the shuffle → first matching → order of positions → clone the encoder → match by its outputs.</summary>
/// <remarks>Carlini et al. 2021, arXiv 2108.07256, "NeuraCrypt is not private"; code in tensorflow/privacy, research/neuracrypt_attack_2021. The attacker ends up
/// with an encoder that does what the secret one does. The linear kind has no positions and is left to <c>known-plaintext</c> and <c>mmd</c>.</remarks>
internal sealed class MatchingAttack : EncodingAttack
{
    private const int Rounds = 3;
    private const int PicturesPerOwnEncoder = 100;
    private const int Batch = 1024;
    private const double LearningRate = 1e-3;

    public override string Name => "matching";

    public override IReadOnlyList<string> AttackerKnows { get; } = ["candidate pictures", "family of the encoder"];

    public override AttackFinding Run(AttackScene scene, AttackTarget target)
    {
        EncoderArchitecture a = scene.Family.Architecture;
        using PatchSimilarity similarity = Learn(scene, a, out double loss);
        Tensor pixels = similarity.OfPixels(PatchMoments.Standardised(Patches(scene, Enumerable.Range(0, scene.Gallery.Count), a))).Reshape(scene.Gallery.Count, a.Patches, -1);
        Tensor aligned = ShuffleUndoing.Align(target.All());
        Tensor embedded = Embed(similarity, aligned);
        var stages = new List<AttackStage>();
        double[,] cost = PatchAssignmentCost.Of(embedded, pixels);
        int[] match = Note(stages, "firstMatching", cost, target.Truth);
        int[] order = [];
        for (int round = 0; round < Rounds; round++)
        {
            order = Positions(embedded, pixels, match);
            cost = Negated(InOrder(embedded, order).Reshape(target.Count, -1).MatMul(pixels.Reshape(scene.Gallery.Count, -1).Transpose()));
            match = Note(stages, $"positions{round + 1}", cost, target.Truth);
        }

        Tensor rows = InOrder(aligned, order);
        for (int round = 0; round < Rounds; round++)
        {
            scene.Progress($"{Name}: clone, round {round + 1} of {Rounds}");
            using TensorScope scope = TensorScope.Open();
            cost = RowDistances.Of(rows, Cloned(scene, a, rows, match));
            match = Note(stages, $"clone{round + 1}", cost, target.Truth);
        }

        return new AttackFinding
        {
            Score = MatchScore.Of(cost, target.Truth),
            Stages = stages,
            Extra = new Dictionary<string, double> { ["contrastiveLoss"] = loss, ["contrastiveChance"] = Math.Log(Batch), ["steps"] = scene.Budget.Steps, ["cloneSteps"] = scene.Budget.CloneSteps },
            RandomBits = OnNoise(scene, target, similarity, pixels),
        };
    }

    // Own encoders of the family on the candidates: which encoded patch belongs to which pixel patch is then known.
    private static PatchSimilarity Learn(AttackScene scene, EncoderArchitecture a, out double loss)
    {
        using TensorScope scope = TensorScope.Open();
        AttackGallery simulated = scene.Gallery.First(PicturesPerOwnEncoder);
        Tensor pixels = PatchMoments.Standardised(Patches(scene, Enumerable.Range(0, simulated.Count), a));
        var encodings = new List<Tensor>();
        for (int i = 0; i < scene.Budget.OwnEncoders; i++)
        {
            scene.Progress($"matching: own encoder {i + 1} of {scene.Budget.OwnEncoders}");
            using TensorScope inner = TensorScope.Open();
            using IRowEncoder own = scene.Family.Draw(simulated.Batches);
            encodings.Add(inner.Keep(PatchMoments.Standardised(Tensor.Concatenate(0, [.. simulated.Batches.Select(batch => own.Encode(batch))]).Reshape(-1, a.HiddenDim))));
        }

        var similarity = new PatchSimilarity(scene.Seeds);
        loss = similarity.Train(pixels, encodings, scene.Budget.Steps, Math.Min(Batch, (int)pixels.Size(0)), LearningRate, scene.Seeds);
        return similarity;
    }

    private static Tensor Patches(AttackScene scene, IEnumerable<int> pictures, EncoderArchitecture a) => PrivateEncoder.Patches(scene.Gallery.Pictures(pictures), a);

    private static Tensor Embed(PatchSimilarity similarity, Tensor encodings) =>
        similarity.OfEncodings(PatchMoments.Standardised(encodings.Reshape(-1, encodings.Size(2)))).Reshape(encodings.Size(0), encodings.Size(1), -1);

    // Similarity of rows and positions, summed over the images as matched so far → one assignment.
    private static int[] Positions(Tensor embedded, Tensor pixels, int[] match)
    {
        using TensorScope scope = TensorScope.Open();
        Tensor matched = pixels.IndexSelect(0, Tensor.From<long>(Array.ConvertAll(match, picture => (long)picture), match.Length));
        return Assignment.Solve(Negated(matched.MatMul(embedded.Transpose(1, 2)).Sum(0)));
    }

    private static Tensor InOrder(Tensor rows, int[] order) => rows.IndexSelect(1, Tensor.From<long>(Array.ConvertAll(order, row => (long)row), order.Length));

    private static Tensor Cloned(AttackScene scene, EncoderArchitecture a, Tensor rows, int[] match)
    {
        using TensorScope scope = TensorScope.Open();
        using PrivateEncoder start = new NeuraCryptFamily(a with { Normalisation = EncoderNormalisation.Frozen }, scene.Random).Draw(scene.Gallery.Batches);
        using TrainableEncoder clone = EncoderClone.Fit(start, scene.Gallery.Pictures(match), rows, scene.Budget.CloneSteps, scene.Seeds);
        return scope.Keep(Tensor.Concatenate(0, [.. scene.Gallery.Batches.Select(clone.Encode)]));
    }

    private static MatchScore OnNoise(AttackScene scene, AttackTarget target, PatchSimilarity similarity, Tensor pixels)
    {
        using TensorScope scope = TensorScope.Open();
        return MatchScore.Of(PatchAssignmentCost.Of(Embed(similarity, scene.NoiseLike(target).All()), pixels), target.Truth);
    }

    private static int[] Note(List<AttackStage> stages, string name, double[,] cost, IReadOnlyList<int> truth)
    {
        int[] match = Assignment.Solve(cost);
        stages.Add(new AttackStage(name, match.Where((picture, i) => picture == truth[i]).Count() / (double)truth.Count));
        return match;
    }

    private static double[,] Negated(Tensor similarity)
    {
        double[] values = similarity.To(DType.Float64).ToArray<double>();
        int columns = (int)similarity.Size(1);
        var result = new double[similarity.Size(0), columns];
        for (int i = 0; i < values.Length; i++)
        {
            result[i / columns, i % columns] = -values[i];
        }

        return result;
    }
}
