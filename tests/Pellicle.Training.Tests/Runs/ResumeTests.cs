using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Pellicle.Core.Errors;
using Pellicle.Privacy.Ledger;
using Pellicle.Training.Configuration;
using Pellicle.Training.Runs;

namespace Pellicle.Training.Tests.Runs;

[Trait(Speed.Trait, Speed.Slow)]
public sealed class ResumeTests : TrainingFixture
{
    [Theory]
    [InlineData(1)]
    [InlineData(13)]
    [InlineData(29)]
    public void A_killed_and_resumed_run_ends_with_the_weights_and_ledger_of_an_uninterrupted_one(long killedAfter)
    {
        Train(SmallRun(), "whole");
        Assert.Throws<KilledException>(() => Train(SmallRun(), "killed", new After(killedAfter, () => throw new KilledException())));
        TrainResult resumed = Resume(SmallRun(), "killed");
        Assert.Equal(RunStatus.Completed, resumed.Status);
        Assert.Equal(LedgerOf("whole"), LedgerOf("killed"));
        Assert.Equal(WeightsOf("whole"), WeightsOf("killed"));
    }

    [Fact]
    public void An_interrupted_run_says_so_and_continues_where_it_stopped()
    {
        using var source = new CancellationTokenSource();
        TrainResult interrupted = Train(SmallRun(), "run", new After(10, source.Cancel), source.Token);
        Assert.Equal(RunStatus.Interrupted, interrupted.Status);
        Assert.Equal(10, interrupted.Steps);
        Assert.False(Directory.Exists(Path.Combine(In("run"), "model")));
        Assert.Equal(10, RunFolder.ReadJson<Checkpoints.CheckpointRecord>(RunFolder.Open(In("run")).CheckpointRecord).Step);

        Resume(SmallRun(), "run");
        Train(SmallRun(), "whole");
        Assert.Equal(WeightsOf("whole"), WeightsOf("run"));
        Assert.Equal(30, LineLog.Read<StepMetrics>(RunFolder.Open(In("run")).MetricsFile).Count);
    }

    [Fact]
    public void A_secure_run_keeps_its_key_while_it_is_unfinished_and_loses_it_at_the_end()
    {
        TrainConfig config = SmallRun() with { Privacy = SmallRun().Privacy with { InsecureSeed = null } };
        Assert.Throws<KilledException>(() => Train(config, "run", new After(5, () => throw new KilledException())));
        string key = RunFolder.Open(In("run")).KeyFile;
        Assert.True(File.Exists(key));
        Assert.True(OperatingSystem.IsWindows() || File.GetUnixFileMode(key) == (UnixFileMode.UserRead | UnixFileMode.UserWrite));
        TrainResult result = Resume(config, "run");
        Assert.False(File.Exists(key));
        Assert.Equal("secure", result.Privacy.NoiseSource);
        Assert.Equal(30, result.Privacy.Steps);
    }

    [Fact]
    public void Ordinary_training_resumes_to_the_same_weights_too()
    {
        TrainConfig config = SmallRun() with { Privacy = new PrivacySection { NonPrivate = true } };
        Train(config, "whole");
        Assert.Throws<KilledException>(() => Train(config, "killed", new After(7, () => throw new KilledException())));
        TrainResult resumed = Resume(config, "killed");
        Assert.False(resumed.Privacy.Private);
        Assert.Equal(WeightsOf("whole"), WeightsOf("killed"));
    }

    [Fact]
    public void Numbers_with_many_digits_in_the_ledger_do_not_block_the_resume()
    {
        // The grid of a small bound is a power of two with seventeen digits.
        TrainConfig config = SmallRun() with { Privacy = SmallRun().Privacy with { MaxGradNorm = 1e-3 } };
        Assert.Throws<KilledException>(() => Train(config, "run", new After(5, () => throw new KilledException())));
        Assert.Equal(RunStatus.Completed, Resume(config, "run").Status);
    }

    [Fact]
    public void Changed_options_are_refused_and_named()
    {
        Kill();
        TrainConfig louder = SmallRun() with { Privacy = SmallRun().Privacy with { NoiseMultiplier = 0.5 } };
        var error = Assert.Throws<LedgerException>(() => Resume(louder, "run"));
        Assert.Contains("noiseMultiplier was 1", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Changed_data_are_refused()
    {
        Kill();
        TrainConfig other = SmallRun() with { Data = SmallRun().Data with { Source = "synth:dermoscopy,images=161,size=16" } };
        Assert.Throws<DataFormatException>(() => Resume(other, "run"));
    }

    [Fact]
    public void A_missing_ledger_blocks_the_resume()
    {
        Kill();
        File.Delete(RunFolder.Open(In("run")).LedgerFile);
        Assert.Throws<LedgerException>(() => Resume(SmallRun(), "run"));
    }

    [Fact]
    public void A_ledger_that_knows_less_than_the_checkpoint_blocks_the_resume()
    {
        using var source = new CancellationTokenSource();
        Train(SmallRun(200), "run", new After(100, source.Cancel), source.Token);
        string ledger = RunFolder.Open(In("run")).LedgerFile;
        File.WriteAllLines(ledger, File.ReadAllLines(ledger)[..^1]);
        var error = Assert.Throws<LedgerException>(() => Resume(SmallRun(200), "run"));
        Assert.Contains("lines are missing", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_second_run_on_the_same_ledger_is_refused()
    {
        Kill();
        (PrivacyLedger first, _) = PrivacyLedger.Open(RunFolder.Open(In("run")).LedgerFile);
        using (first)
        {
            Assert.Throws<LedgerException>(() => Resume(SmallRun(), "run"));
        }
    }

    [Fact]
    public void A_finished_run_has_nothing_to_resume()
    {
        Train(SmallRun(3), "run");
        Assert.Throws<UsageException>(() => Resume(SmallRun(3), "run"));
    }

    [Fact]
    public void A_damaged_checkpoint_is_refused()
    {
        Kill();
        string tensors = RunFolder.Open(In("run")).CheckpointTensors;
        byte[] bytes = File.ReadAllBytes(tensors);
        bytes[^3] ^= 1;
        File.WriteAllBytes(tensors, bytes);
        Assert.Throws<DataFormatException>(() => Resume(SmallRun(), "run"));
    }

    [Fact]
    public void Trap_21_a_pickle_in_the_place_of_a_checkpoint_is_refused_unread()
    {
        Kill();
        RunFolder folder = RunFolder.Open(In("run"));
        byte[] pickle = Encoding.Latin1.GetBytes("\u0080\u0002cposix\nsystem\nX\u0004\0\0\0true\u0085R.");
        File.WriteAllBytes(folder.CheckpointTensors, pickle);

        // With a record that vouches for it: the hash alone must not be what keeps it out.
        string record = File.ReadAllText(folder.CheckpointRecord);
        string former = JsonNode.Parse(record)!["tensorsSha256"]!.GetValue<string>();
        File.WriteAllText(folder.CheckpointRecord, record.Replace(former, Convert.ToHexStringLower(SHA256.HashData(pickle)), StringComparison.Ordinal));
        Assert.Throws<DataFormatException>(() => Resume(SmallRun(), "run"));
        Assert.Throws<DataFormatException>(() => Train(SmallRun() with { Model = new ModelSection { Name = "cnn_small", ImageSize = 16, Weights = folder.CheckpointTensors } }, "other"));
    }

    [Fact]
    public void A_kill_between_tensors_and_record_leaves_the_former_checkpoint_usable_again_and_again()
    {
        Train(SmallRun(), "whole");
        Kill();
        RunFolder folder = RunFolder.Open(In("run"));
        for (int kills = 0; kills < 2; kills++)
        {
            // The state that such a kill leaves: the described tensors under the other name, newer ones without a record.
            string previous = Path.Combine(In("run"), "checkpoints", "previous.safetensors");
            if (!File.Exists(previous))
            {
                File.Move(folder.CheckpointTensors, previous);
            }

            File.WriteAllBytes(folder.CheckpointTensors, [1, 2, 3]);
            Assert.Throws<KilledException>(() => new TrainPipeline(TimeProvider.System, new After(7 + kills, () => throw new KilledException()))
                .Run(Request(SmallRun(), "run") with { OutFolder = null, ResumeFolder = In("run") }));
        }

        Resume(SmallRun(), "run");
        Assert.Equal(WeightsOf("whole"), WeightsOf("run"));
    }

    private void Kill() => Assert.Throws<KilledException>(() => Train(SmallRun(), "run", new After(5, () => throw new KilledException())));
}
