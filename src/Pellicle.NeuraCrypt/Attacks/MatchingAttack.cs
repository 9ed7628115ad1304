using Pellicle.NeuraCrypt.Encoders;
using Pellicle.Tensors;

namespace Pellicle.NeuraCrypt.Attacks;

/// <summary>The published break: simulate → learn patch similarity → undo the shuffle → first matching → order of positions → clone the encoder → match by its outputs.</summary>
/// <remarks><para>Carlini et al. 2021, arXiv 2108.07256, "NeuraCrypt is not private"; code in tensorflow/privacy, research/neuracrypt_attack_2021. The attacker ends up
/// with an encoder that does what the secret one does. The linear kind has no positions and is left to <c>known-plaintext</c> and <c>mmd</c>.</para>
/// <para>Beyond the published steps: a second start from the training-free fingerprint, alternation until nothing changes, an order of rows that the clone improves, and
/// clones that are judged on encodings they have not learned from. Without these, one run in eight on 20 synthetic pictures ended in a partly wrong matching that confirmed itself.</para></remarks>
internal sealed class MatchingAttack : EncodingAttack
{
    private const int CloneRounds = 3;
    private const int MostPositionRounds = 10;
    private const int Folds = 4;
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
        double[,] bySimilarity = PatchAssignmentCost.Of(embedded, pixels);
        int[] first = Note(stages, "firstMatching", bySimilarity, target.Truth);
        double[,] byFingerprint = FingerprintCosts.Of(target.Each(Fingerprint.Of), scene.Fingerprints)[^1].Cost;
        int[] other = Note(stages, "fingerprintMatching", byFingerprint, target.Truth);

        // The alternation below ends in the nearest local optimum; of several starts, the one with the largest total similarity is the most consistent with itself.
        Alternation best = new[] { first, other }.Select(start => Alternate(embedded, pixels, start)).MaxBy(found => found.Total)!;
        double[,] cost = best.Cost;
        int[] match = Note(stages, "positions", cost, target.Truth);
        int[] order = PositionAlignment.Find(aligned, OwnEncodings(scene, match), match.Length);
        for (int round = 0; round < CloneRounds; round++)
        {
            scene.Progress($"{Name}: clone, round {round + 1} of {CloneRounds}");
            using TensorScope scope = TensorScope.Open();
            order = BetterOrder(scene, a, aligned, order, match);
            cost = Cloned(scene, a, InOrder(aligned, order), match);
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

    // Order of positions by the matching, matching by the order, until nothing changes: each step can only raise the total similarity.
    private static Alternation Alternate(Tensor embedded, Tensor pixels, int[] match)
    {
        double[,] cost = new double[0, 0];
        for (int round = 0; round < MostPositionRounds; round++)
        {
            using TensorScope scope = TensorScope.Open();
            int[] order = Positions(embedded, pixels, match);
            cost = Negated(InOrder(embedded, order).Reshape(embedded.Size(0), -1).MatMul(pixels.Reshape(pixels.Size(0), -1).Transpose()));
            int[] next = Assignment.Solve(cost);
            if (next.AsSpan().SequenceEqual(match))
            {
                break;
            }

            match = next;
        }

        return new Alternation(cost, -match.Select((picture, i) => cost[i, picture]).Sum());
    }

    private static Tensor OwnEncodings(AttackScene scene, int[] match)
    {
        using TensorScope scope = TensorScope.Open();
        return scope.Keep(Tensor.Concatenate(0, [.. match.Chunk(AttackGallery.BatchImages).Select(chunk => scene.Own.Encode(scene.Gallery.Pictures(chunk)))]));
    }

    // Similarity leaves positions mixed up that look alike; what a clone predicts for the matched pictures tells them apart.
    private static int[] BetterOrder(AttackScene scene, EncoderArchitecture a, Tensor aligned, int[] order, int[] match)
    {
        using TensorScope scope = TensorScope.Open();
        using PrivateEncoder start = Drawn(scene, a);
        using TrainableEncoder draft = EncoderClone.Fit(start, scene.Gallery.Pictures(match), InOrder(aligned, order), 0, scene.Seeds);
        Tensor predicted = Tensor.Concatenate(0, [.. match.Chunk(AttackGallery.BatchImages).Select(chunk => draft.Encode(scene.Gallery.Pictures(chunk)))]);
        return Assignment.Solve(RowDistances.Of(predicted.Transpose(0, 1).Contiguous(), aligned.Transpose(0, 1).Contiguous()));
    }

    private static PrivateEncoder Drawn(AttackScene scene, EncoderArchitecture a) =>
        new NeuraCryptFamily(a with { Normalisation = EncoderNormalisation.Frozen }, scene.Random).Draw(scene.Gallery.Batches);

    // Encodings are compared with a clone that has not learned from them: one that has would confirm its own mistakes.
    private static double[,] Cloned(AttackScene scene, EncoderArchitecture a, Tensor rows, int[] match)
    {
        using PrivateEncoder start = Drawn(scene, a);
        var cost = new double[match.Length, scene.Gallery.Count];
        for (int fold = 0; fold < Folds; fold++)
        {
            using TensorScope scope = TensorScope.Open();
            int[] learned = [.. Enumerable.Range(0, match.Length).Where(i => i % Folds != fold)];
            int[] judged = [.. Enumerable.Range(0, match.Length).Where(i => i % Folds == fold)];
            using TrainableEncoder clone = EncoderClone.Fit(start, scene.Gallery.Pictures(learned.Select(i => match[i])), Take(rows, learned), scene.Budget.CloneSteps, scene.Seeds);
            double[,] part = RowDistances.Of(Take(rows, judged), Tensor.Concatenate(0, [.. scene.Gallery.Batches.Select(clone.Encode)]));
            for (int i = 0; i < judged.Length; i++)
            {
                for (int j = 0; j < scene.Gallery.Count; j++)
                {
                    cost[judged[i], j] = part[i, j];
                }
            }
        }

        return cost;
    }

    private static Tensor Take(Tensor rows, int[] images) => rows.IndexSelect(0, Tensor.From<long>(Array.ConvertAll(images, image => (long)image), images.Length));

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

    /// <param name="Cost">Negative similarity, [encodings, pictures].</param>
    /// <param name="Total">Similarity of what is matched.</param>
    private sealed record Alternation(double[,] Cost, double Total);
}
