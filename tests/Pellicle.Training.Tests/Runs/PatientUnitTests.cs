using Pellicle.Core.Errors;
using Pellicle.Training.Configuration;
using Pellicle.Training.Runs;

namespace Pellicle.Training.Tests.Runs;

[Trait(Speed.Trait, Speed.Slow)]
public sealed class PatientUnitTests : TrainingFixture
{
    [Fact]
    public void A_patient_brings_at_most_m_images_and_n_counts_patients()
    {
        TrainConfig config = Patients(SamplingChoice.Full);
        TrainResult result = Train(config, "run");
        Assert.Equal(result.Data.Patients, (int)result.Privacy.N!.Value);
        Assert.True(result.Data.Patients < result.Data.NTrain);
        Assert.Equal(("patient", 2), (result.Privacy.Unit, result.Privacy.MaxImagesPerUnit));
        // In a full batch every patient brings min(m, images), so the size is the same in each step and below two a patient.
        int[] sizes = [.. LineLog.Read<StepMetrics>(RunFolder.Open(In("run")).MetricsFile).Select(s => s.BatchSize).Distinct()];
        Assert.InRange(Assert.Single(sizes), result.Data.Patients!.Value, (2 * result.Data.Patients.Value) - 1);
        Assert.Contains("one patient", result.Privacy.Statement, StringComparison.Ordinal);
    }

    [Fact]
    public void Repeating_patients_under_the_image_unit_are_warned_of_with_the_figure_for_the_largest()
    {
        TrainConfig config = Patients(SamplingChoice.Poisson);
        config = config with { Privacy = config.Privacy with { Unit = UnitChoice.Image, MaxImagesPerUnit = 4, NoiseMultiplier = 4 } };
        var warnings = new Warnings();
        TrainResult result = Train(config, "run", warnings);
        Assert.Contains(warnings.Texts, text => text.Contains("patients repeat", StringComparison.Ordinal) && text.Contains("group privacy", StringComparison.Ordinal) && text.Contains("--unit patient", StringComparison.Ordinal));
        Assert.Contains(result.Privacy.NotCovered, text => text.Contains("the largest patient has 4 images", StringComparison.Ordinal));
        TrainResult planned = new TrainPipeline(TimeProvider.System, new Silent()).DryRun(Request(config, "dry"));
        Assert.Contains(planned.Privacy.NotCovered, text => text.Contains("the largest patient has 4 images", StringComparison.Ordinal));
    }

    [Fact]
    public void Images_without_a_patient_are_refused_with_their_count()
    {
        string folder = Path.Combine(Folder, "images");
        foreach (string name in new[] { "train", "test" }.SelectMany(split => new[] { "a", "b" }, (split, label) => Path.Combine(split, label)))
        {
            Directory.CreateDirectory(Path.Combine(folder, name));
            File.WriteAllBytes(Path.Combine(folder, name, "1.png"), Convert.FromBase64String("iVBORw0KGgoAAAANSUhEUgAAABAAAAAQCAAAAAA6mKC9AAAAD0lEQVR4nGNoQAMMI1sAAAUMgAFaSOXNAAAAAElFTkSuQmCC"));
        }

        TrainConfig config = Patients(SamplingChoice.Poisson) with { Data = new DataSection { Source = "folder:" + folder } };
        var error = Assert.ThrowsAny<PellicleException>(() => Train(config with { Train = config.Train with { Batch = 1 } }, "run"));
        Assert.Contains("2 of 2 training images have no patient id", error.Message, StringComparison.Ordinal);
    }

    private static TrainConfig Patients(SamplingChoice sampling) => SmallRun(3) with
    {
        Data = new DataSection { Source = "synth:dermoscopy,images=160,size=16,per-patient=4" },
        Privacy = SmallRun(3).Privacy with { Unit = UnitChoice.Patient, MaxImagesPerUnit = 2, Sampling = sampling },
    };

    private sealed class Warnings : Silent
    {
        public List<string> Texts { get; } = [];

        public override void Warn(string text) => Texts.Add(text);
    }
}
