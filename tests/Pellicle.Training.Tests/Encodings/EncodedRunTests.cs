using System.Text;
using Pellicle.Core.Errors;
using Pellicle.Data;
using Pellicle.Data.Encodings;
using Pellicle.Formats.Npy;
using Pellicle.Training.Configuration;
using Pellicle.Training.Evaluation;
using Pellicle.Training.Runs;
using Pellicle.Training.Steps;
using Pellicle.Training.Tests.Runs;

namespace Pellicle.Training.Tests.Encodings;

[Trait(Speed.Trait, Speed.Slow)]
public sealed class EncodedRunTests : TrainingFixture
{
    [Theory]
    [InlineData("deepvit_encoded", false)]
    [InlineData("vit_encoded", true)]
    public void Networks_learn_from_a_public_folder_alone_and_are_evaluated_on_every_image(string model, bool asNpy)
    {
        PublicFolder.Write(In("public"), asNpy: asNpy);
        TrainResult result = Train(Settings(model), "run");
        Assert.True(result.Test!.Auc > 0.9, $"AUC {result.Test.Auc}");
        Assert.Equal(12, result.Test.N);
        EvalResult evaluated = new EvalPipeline().Run(new EvalRequest { RunFolder = In("run"), Threads = 1, Bootstrap = 100 });
        Assert.Equal(result.Test.Auc, evaluated.Metrics.Auc);
        Assert.Contains("secret key", File.ReadAllText(Path.Combine(In("run"), "model", "README.md")), StringComparison.Ordinal);
    }

    [Fact]
    public void A_killed_run_with_plateau_schedule_and_best_checkpoint_ends_with_the_same_weights()
    {
        PublicFolder.Write(In("public"));
        TrainConfig config = Settings("vit_encoded") with { Train = Settings("vit_encoded").Train with { Schedule = ScheduleChoice.Plateau, Patience = 1, KeepBest = true, ClassBalance = true, Lr = 0.02, Steps = 40 } };
        TrainResult whole = Train(config, "whole");
        Assert.Throws<KilledException>(() => Train(config, "killed", new After(23, () => throw new KilledException())));
        Assert.Equal(whole.BestEpoch, Resume(config, "killed").BestEpoch);
        Assert.Equal(WeightsOf("whole"), WeightsOf("killed"));
        Assert.True(whole.BestEpoch!.LearningRateFactor < 1);
        StepMetrics[] log = [.. LineLog.Read<StepMetrics>(RunFolder.Open(In("whole")).MetricsFile)];
        Assert.Equal(whole.BestEpoch.Value, log.Where(s => s.Tuning is not null).Min(s => s.Tuning!.Value));
        Assert.True(log.Select(s => s.Lr).Distinct().Count() > 1 && log.Zip(log.Skip(1), (a, b) => b.Lr <= a.Lr).All(falls => falls));
        Assert.Equal(whole.BestEpoch.Value, whole.Validation!.Loss!.Value, 1e-6); // the best weights, not the last, were evaluated
    }

    [Fact]
    public void Private_training_works_on_encodings_but_refuses_choices_by_validation_data()
    {
        PublicFolder.Write(In("public"));
        TrainConfig config = Settings("deepvit_encoded") with { Privacy = SmallRun().Privacy };
        Assert.True(Train(config with { Train = config.Train with { Steps = 3 } }, "run").Privacy.Private);
        var sources = new ConfigSources { Options = [Option("data.source", "encoded:x"), Option("model.name", "vit_encoded"), Option("privacy.targetEpsilon", "3"), Option("train.keepBest", "true"), Option("train.schedule", "plateau"), Option("train.classBalance", "true")] };
        string[] problems = [.. TrainConfigLoader.Check(TrainConfigLoader.Read(sources, [])).Select(p => p.Message)];
        Assert.Equal(3, problems.Length);
        Assert.All(problems, p => Assert.Contains("guarantee", p, StringComparison.Ordinal));
    }

    [Fact]
    public void A_network_on_pictures_is_refused_for_encodings_and_the_other_way_round()
    {
        PublicFolder.Write(In("public"));
        Assert.Contains("vit_encoded", Assert.Throws<UsageException>(() => Train(Settings("cnn_small"), "a")).Hint, StringComparison.Ordinal);
        Assert.Contains("--encode-with", Assert.Throws<UsageException>(() => Train(Settings("vit_encoded") with { Data = SmallRun().Data }, "b")).Hint, StringComparison.Ordinal);
        Assert.Throws<UsageException>(() => Train(Settings("vit_encoded") with { Train = Settings("vit_encoded").Train with { Augment = "flip" } }, "c"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void The_plain_baseline_trains_an_encoder_in_front_of_the_same_network(bool shuffles)
    {
        TrainConfig config = Settings("deepvit_encoded") with { Data = new DataSection { Source = "synth:xray,images=80,size=16" } };
        config = config with { Model = config.Model with { EncodeTrainable = true, EncoderDepth = 1, EncoderPatch = 8, EncoderHidden = 16, EncoderShuffle = shuffles, ImageSize = 16 }, Train = config.Train with { Steps = 6 } };
        TrainResult result = Train(config, "run");
        Assert.Contains(result.LayerPlan, row => row.Layer.StartsWith("encoder.", StringComparison.Ordinal));
        Assert.NotNull(new EvalPipeline().Run(new EvalRequest { RunFolder = In("run"), Threads = 1, Bootstrap = 0 }).Metrics.Auc);
    }

    [Fact]
    public void Class_balance_draws_rare_classes_as_often_as_others()
    {
        PublicFolder.Write(In("public"), images: 200, positives: 0.1);
        TrainConfig config = Settings("vit_encoded");
        using TrainingData data = TrainingData.Open(config, []);
        BalancedBatches batches = BalancedBatches.Of(data, bySource: false, byClass: true, 10, new Core.Random.SeededRandom(1));
        int[] drawn = [.. Enumerable.Range(1, 120).SelectMany(step => batches.Sample(step).Records)];
        Assert.Equal(1200, drawn.Length); // 120 images of training: 12 full batches an epoch
        double share = drawn.Count(position => data.LabelOf(position) == 1) / 1200.0;
        Assert.InRange(share, 0.44, 0.56); // 4 standard deviations
        Assert.InRange(Enumerable.Range(0, data.TrainingImages).Count(position => data.LabelOf(position) == 1), 1, 20);
        Assert.Equal(batches.Sample(7).Records, batches.Sample(7).Records);
    }

    [Fact]
    public void Fortran_order_gives_the_same_encodings_as_C_order()
    {
        PublicFolder.Write(In("public"), asNpy: true);
        float[] before = ReadFirst();
        foreach (string file in Directory.EnumerateFiles(Path.Combine(In("public"), "encodings")))
        {
            WriteFortran(file, NpyFile.Read(file).ToFloats());
        }

        Assert.Equal(before, ReadFirst());
    }

    [Fact]
    public void Damaged_public_folders_are_refused_with_what_is_wrong()
    {
        void Refused(string expected, Action<string> damage)
        {
            string folder = PublicFolder.Write(In("damaged"));
            damage(folder);
            string message = Assert.Throws<DataFormatException>(() => ImageDataset.Open("encoded:" + folder)).Message;
            Assert.Contains(expected, message, StringComparison.Ordinal);
            Directory.Delete(folder, recursive: true);
        }

        static void Edit(string file, string from, string to) => File.WriteAllText(file, File.ReadAllText(file).Replace(from, to, StringComparison.Ordinal));
        Refused("cannot be read", folder => File.Delete(Path.Combine(folder, "manifest.json")));
        Refused("not inside the folder", folder => Edit(Path.Combine(folder, "manifest.json"), "encodings/0000", "../0000"));
        Refused("its shape", folder => Edit(Path.Combine(folder, "manifest.json"), "[6,8]", "[2147483647,2147483647]"));
        Refused("of shape [6, 8]", folder => Edit(Path.Combine(folder, "manifest.json"), "[6,8]", "[8,6]"));
        Refused("is F32", folder => Edit(Path.Combine(folder, "manifest.json"), "\"f32\"", "\"f16\""));
        Refused("does not exist", folder => File.Delete(Path.Combine(folder, "labels.csv")));
        Refused("training needs id, split and label", folder => Edit(Path.Combine(folder, "labels.csv"), "id,split,label", "id,split,other"));
        Refused("is in no file", folder => File.AppendAllText(Path.Combine(folder, "labels.csv"), "feed,train,normal\n"));
        Refused("encodings; its manifest says", folder => Edit(Path.Combine(folder, "manifest.json"), "60", "61"));
        Refused("", folder => File.WriteAllBytes(Path.Combine(folder, "encodings", "0000.safetensors"), [1, 2, 3]));
    }

    [Fact]
    public void A_number_that_is_not_finite_stops_training_and_names_the_encoding()
    {
        PublicFolder.Write(In("public"), asNpy: true);
        string file = Directory.EnumerateFiles(Path.Combine(In("public"), "encodings")).First();
        float[] numbers = NpyFile.Read(file).ToFloats();
        numbers[^1] = float.NaN;
        NpyFile.Write(file, NpyArray.From<float>(numbers, [PublicFolder.Tokens, PublicFolder.Width]));
        using ImageDataset dataset = ImageDataset.Open("encoded:" + In("public"));
        using var loader = new EncodingLoader(dataset, sourceToken: false, 2);
        int[] all = [.. Enumerable.Range(0, dataset.Records.Count)];
        var error = Assert.Throws<DataFormatException>(() => loader.Fill(all, new float[all.Length * loader.Count]));
        Assert.Contains(Path.GetFileNameWithoutExtension(file), error.Message, StringComparison.Ordinal);
    }

    private static RawSetting Option(string key, string text) => new(key, text, new SettingOrigin(SettingLayer.Option, SettingCatalog.Find(key)!.Option));

    private TrainConfig Settings(string model) => new()
    {
        Data = new DataSection { Source = "encoded:" + In("public") },
        Model = new ModelSection { Name = model, NumLayers = 1, NumHeads = 2 },
        Privacy = new PrivacySection { NonPrivate = true },
        Train = new TrainSection { Batch = 16, Epochs = null, Steps = 60, Lr = 3e-3, Optimizer = OptimizerChoice.Adam },
        Seed = 3,
        Threads = 1,
    };

    private float[] ReadFirst()
    {
        using ImageDataset dataset = ImageDataset.Open("encoded:" + In("public"));
        using var loader = new EncodingLoader(dataset, sourceToken: false, 1);
        var numbers = new float[loader.Count];
        loader.Fill([0], numbers);
        return numbers;
    }

    private static void WriteFortran(string file, float[] rowMajor)
    {
        string dictionary = $"{{'descr': '<f4', 'fortran_order': True, 'shape': ({PublicFolder.Tokens}, {PublicFolder.Width}), }}";
        string header = dictionary.PadRight(117) + "\n";
        using FileStream stream = File.Create(file);
        stream.Write([0x93, .. "NUMPY"u8, 1, 0, (byte)header.Length, 0]);
        stream.Write(Encoding.ASCII.GetBytes(header));
        for (int column = 0; column < PublicFolder.Width; column++)
        {
            for (int row = 0; row < PublicFolder.Tokens; row++)
            {
                stream.Write(BitConverter.GetBytes(rowMajor[(row * PublicFolder.Width) + column]));
            }
        }
    }
}
