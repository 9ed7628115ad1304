using Pellicle.Core.Errors;
using Pellicle.Formats.Safetensors;
using Pellicle.Training.Configuration;
using Pellicle.Training.Runs;

namespace Pellicle.Training.Tests.Runs;

[Trait(Speed.Trait, Speed.Slow)]
public sealed class MovingAverageTests : TrainingFixture
{
    [Fact]
    public void The_model_is_the_moving_average_and_the_last_step_is_saved_beside_it()
    {
        float[][] afterStep = [.. Enumerable.Range(1, 3).Select(steps => Weights(Averaged(steps), $"steps{steps}", "model-last-step"))];
        // min(0.9, (1 + t)/(10 + t)) at t = 1, 2; the first update copies.
        float[] expected = [.. afterStep[0].Select((w, i) => (float)((3.0 / 12 * ((2.0 / 11 * w) + (9.0 / 11 * afterStep[1][i]))) + (9.0 / 12 * afterStep[2][i])))];
        float[] actual = Weights(Averaged(3), "again", "model");
        Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.First, pair.Second, 1e-6));
        Assert.NotEqual(afterStep[2], actual);
        Assert.Equal(0.9, ModelFolder.Find(In("again")).Metadata.EmaDecay);
        Assert.Null(RunFolder.ReadJson<ModelMetadata>(Path.Combine(In("again"), "model-last-step", "metadata.json")).EmaDecay);
    }

    [Fact]
    public void The_average_costs_no_privacy_and_leaves_the_steps_as_they_are()
    {
        TrainResult with = Train(Averaged(3), "with");
        TrainResult without = Train(SmallRun(3), "without");
        Assert.Equal(without.Privacy.Epsilon, with.Privacy.Epsilon);
        Assert.Equal(LedgerOf("without"), LedgerOf("with"));
        Assert.Equal(WeightsOf("without").Length, WeightsOf("with").Length);
        Assert.Equal(Read("without", "model"), Read("with", "model-last-step"));
    }

    [Fact]
    public void A_resume_with_another_choice_of_averaging_is_refused()
    {
        Assert.Throws<KilledException>(() => Train(Averaged(9), "run", new After(4, () => throw new KilledException())));
        Assert.Throws<DataFormatException>(() => Resume(SmallRun(9), "run"));
    }

    private static TrainConfig Averaged(long steps) => SmallRun(steps) with { Train = SmallRun(steps).Train with { Ema = 0.9 } };

    private float[] Weights(TrainConfig config, string name, string model)
    {
        Train(config, name);
        return Read(name, model);
    }

    private float[] Read(string name, string model)
    {
        using var file = SafetensorsFile.Read(Path.Combine(In(name), model, "model.safetensors"));
        return [.. file.Entries.Keys.Order(StringComparer.Ordinal).SelectMany(file.ReadFloats)];
    }
}
