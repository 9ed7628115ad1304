using Pellicle.NeuraCrypt.Attacks;
using Pellicle.NeuraCrypt.Encoders;
using Pellicle.Tensors;

namespace Pellicle.NeuraCrypt.Tests.Attacks;

public class KnownPlaintextTests
{
    private static readonly EncoderArchitecture Linear = new() { Kind = EncoderKind.Linear, Depth = -1, PatchSize = 8, HiddenDim = 128, ImageSize = 64, Normalisation = EncoderNormalisation.None };

    [Fact]
    [Trait(Speed.Trait, Speed.Slow)]
    public void Ridge_regression_finds_a_linear_map()
    {
        using TensorScope scope = TensorScope.Open();
        var random = new Core.Random.SeededRandom(3);
        Tensor x = GaussianTensor.Draw(random, 0, 1, 500, 6);
        Tensor weight = GaussianTensor.Draw(random, 0, 1, 3, 6);
        Tensor bias = GaussianTensor.Draw(random, 5, 1, 3);
        using var regression = new RidgeRegression(6, 3);
        regression.Add(x.Narrow(0, 0, 200), x.Narrow(0, 0, 200).Linear(weight, bias));
        regression.Add(x.Narrow(0, 200, 300), x.Narrow(0, 200, 300).Linear(weight, bias));
        (Tensor w, Tensor b) = regression.Solve();
        Assert.InRange((w - weight).Abs().Maximum().Item(), 0, 0.01); // the penalty is a thousandth of the mean square
        Assert.InRange((b - bias).Abs().Maximum().Item(), 0, 0.01);
    }

    [Fact]
    public void Rows_of_all_images_come_into_one_order()
    {
        using var trial = new AttackTrial(AttackTrial.Small, 24);
        Tensor aligned = ShuffleUndoing.Align(trial.Target.All());
        Tensor unshuffled = trial.Unshuffled().IndexSelect(0, Tensor.From<long>([.. trial.Target.Truth.Select(i => (long)i)], 24));
        int[][] orders = [.. Enumerable.Range(0, 24).Select(i =>
        {
            double[,] distances = RowDistances.Of(aligned.Select(0, i), unshuffled.Select(0, i));
            return (int[])[.. Enumerable.Range(0, 64).Select(row => Enumerable.Range(0, 64).MinBy(place => distances[row, place]))];
        })];
        int agreeing = orders.Sum(order => order.Where((place, row) => place == orders.Select(o => o[row]).GroupBy(p => p).MaxBy(g => g.Count())!.Key).Count());
        Assert.True(agreeing >= 0.99 * 24 * 64, $"{agreeing} of {24 * 64} rows");
    }

    [Fact]
    [Trait(Speed.Trait, Speed.Slow)]
    public void A_few_known_pairs_give_the_encoder_away_and_wrong_pairs_give_nothing()
    {
        using var trial = new AttackTrial(AttackTrial.Small, 64, new AttackBudget { Pairs = [1, 10, 32] });
        EncodingAttackResult result = trial.Run(new KnownPlaintextAttack(), new KnownPlaintextAttack(wrong: true));
        EncodingMethodResult known = result.Methods[0], wrong = result.Methods[1];
        Assert.True(result.ControlsPassed);
        Assert.Equal(["1 pairs", "10 pairs", "32 pairs"], known.Stages.Select(stage => stage.Name));
        Assert.Equal(32, known.Images);
        Assert.True(known.AssignmentAccuracy >= 0.95, $"accuracy {known.AssignmentAccuracy}");
        Assert.True(known.Extra["relativeMse32"] < known.Extra["relativeMse1"]);
        Assert.True(known.Extra["psnr"] > known.Extra["psnrOfMeanPicture"] + 1, $"PSNR {known.Extra["psnr"]}, of the mean picture {known.Extra["psnrOfMeanPicture"]}");
        Assert.True(wrong.Extra["relativeMse32"] > 0.9, $"relative error {wrong.Extra["relativeMse32"]}"); // 1 is that of always predicting the mean row
        Assert.True(known.Extra["relativeMse32"] < 0.5, $"relative error {known.Extra["relativeMse32"]}");
    }

    [Fact]
    [Trait(Speed.Trait, Speed.Slow)]
    public void The_linear_encoder_is_broken_by_known_plaintext()
    {
        using var trial = new AttackTrial(Linear, 160, new AttackBudget { Pairs = [100] });
        EncodingAttackResult result = trial.Run(new KnownPlaintextAttack());
        Assert.True(result.ControlsPassed);
        Assert.True(result.Worst!.AssignmentAccuracy > 0.95, $"accuracy {result.Worst.AssignmentAccuracy}");
    }
}
