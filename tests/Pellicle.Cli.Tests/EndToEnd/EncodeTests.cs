using System.Text.Json;

namespace Pellicle.Cli.Tests.EndToEnd;

public sealed class EncodeTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("pellicle-encode").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Keygen_needs_a_passphrase_and_never_prints_it()
    {
        Assert.Equal(2, CliRun.Of("encode", "keygen", "--out", At("a.key")).ExitCode);
        CliRun run = CliRun.With(new() { ["PELLICLE_PASSPHRASE"] = "several random words" }, "encode", "keygen", "--out", At("a.key"), "--json");
        Assert.Equal(0, run.ExitCode);
        Assert.True(run.Json().GetProperty("result").GetProperty("sealed").GetBoolean());
        Assert.DoesNotContain("several random", run.Output + run.Error + File.ReadAllText(At("a.key")), StringComparison.Ordinal);
        Assert.Equal(2, CliRun.With(new() { ["PELLICLE_PASSPHRASE"] = "several random words" }, "encode", "keygen", "--out", At("a.key")).ExitCode);
    }

    [Fact]
    [Trait(Speed.Trait, Speed.Slow)]
    public void Run_exits_with_4_and_its_result_until_the_risk_is_accepted_and_verify_finds_all()
    {
        Assert.Equal(0, CliRun.Of("encode", "keygen", "--out", At("b.key"), "--unsealed", "--image-size", "64", "--patch-size", "8", "--hidden", "256").ExitCode);
        string[] run = ["encode", "run", "synth:xray", "--limit", "48", "--key", At("b.key"), "--out", At("public"), "--secret", At("secret"), "--json"];
        CliRun refused = CliRun.Of(run);
        Assert.Equal(4, refused.ExitCode);
        Assert.Equal("privacyRefused", refused.Json().GetProperty("error").GetProperty("kind").GetString());
        Assert.Contains(refused.Json().GetProperty("result").GetProperty("audit").GetProperty("rating").GetString(), new[] { "moderate", "high" });
        Assert.False(Directory.Exists(At("public")));
        CliRun accepted = CliRun.Of([.. run, "--i-accept-reidentification-risk", "agreement 17"]);
        Assert.Equal(0, accepted.ExitCode);
        Assert.True(accepted.Json().GetProperty("result").GetProperty("accepted").GetBoolean());
        Assert.Equal("default", accepted.Json().GetProperty("result").GetProperty("mode").GetString());
        CliRun verified = CliRun.Of("encode", "verify", At("public"), "--key", At("b.key"), "--source", "synth:xray", "--limit", "48", "--json");
        Assert.Equal(0, verified.ExitCode);
        Assert.Equal(0, verified.Json().GetProperty("result").GetProperty("mismatches").GetInt32());
        Assert.Equal(5, CliRun.Of("encode", "verify", At("public"), "--key", At("b.key"), "--source", "synth:xray", "--limit", "48", "--seed", "9").ExitCode);
    }

    [Fact]
    [Trait(Speed.Trait, Speed.Slow)]
    public void The_walk_from_key_to_trained_classifier_needs_pictures_only_for_encoding()
    {
        Dictionary<string, string> secrets = new() { ["PELLICLE_PASSPHRASE"] = "several random words" };
        Assert.Equal(0, CliRun.With(secrets, "encode", "keygen", "--out", At("a.key"), "--image-size", "32", "--patch-size", "8", "--hidden", "32", "--depth", "1").ExitCode);
        Assert.Equal(0, CliRun.With(secrets, "encode", "run", "synth:xray,images=120,size=32", "--key", At("a.key"), "--out", At("public"), "--secret", At("secret"), "--i-accept-reidentification-risk", "agreement 17").ExitCode);
        File.Delete(At("a.key"));
        Directory.Delete(At("secret"), recursive: true);
        CliRun trained = CliRun.Of("train", "--data", "encoded:" + At("public"), "--model", "deepvit_encoded", "--num-layers", "1", "--num-heads", "2", "--non-private", "--steps", "5", "--batch", "16", "--validation-share", "0.2", "--keep-best", "--class-balance", "--out", At("run"), "--json");
        Assert.True(trained.ExitCode == 0, trained.Error);
        Assert.Equal("completed", trained.Json().GetProperty("result").GetProperty("status").GetString());
        Assert.True(trained.Json().GetProperty("result").GetProperty("data").GetProperty("nValidation").GetInt32() > 0);
        CliRun evaluated = CliRun.Of("eval", At("run"), "--interval", "basic", "--bootstrap", "200", "--json");
        Assert.Equal(2, evaluated.Json().GetProperty("result").GetProperty("metrics").GetProperty("intervals").GetProperty("auc").GetArrayLength());
        Assert.Equal(0, CliRun.Of("data", "inspect", "encoded:" + At("public")).ExitCode);
        Assert.Equal(2, CliRun.Of("predict", At("run"), At("run/config.yaml")).ExitCode);
    }

    [Fact]
    [Trait(Speed.Trait, Speed.Slow)]
    public void Encoding_on_the_fly_and_the_plain_baseline_are_one_option_apart()
    {
        Dictionary<string, string> secrets = new() { ["PELLICLE_PASSPHRASE"] = "several random words" };
        Assert.Equal(0, CliRun.With(secrets, "encode", "keygen", "--out", At("a.key"), "--image-size", "32", "--patch-size", "8", "--hidden", "32", "--depth", "1").ExitCode);
        string[] common = ["train", "--data", "synth:xray,images=80,size=32", "--model", "vit_encoded", "--num-layers", "1", "--non-private", "--steps", "4", "--batch", "16", "--json"];
        CliRun encoded = CliRun.With(secrets, [.. common, "--encode-with", At("a.key"), "--out", At("encoded")]);
        Assert.True(encoded.ExitCode == 0, encoded.Error);
        Assert.Equal(0, CliRun.Of([.. common, "--encode-trainable", "--image-size", "32", "--encoder-patch", "8", "--encoder-hidden", "32", "--out", At("plain")]).ExitCode);
        Assert.Equal(0, CliRun.With(secrets, "eval", At("encoded"), "--bootstrap", "0").ExitCode);
        string picture = At("picture.png");
        using (Data.ImageDataset images = Data.ImageDataset.Open("synth:xray,images=80,size=32"))
        {
            picture = At("picture.npy");
            Formats.Npy.NpyFile.Write(picture, Formats.Npy.NpyArray.From<byte>(images.Read(0).Bytes, [32, 32]));
        }

        Assert.Equal(0, CliRun.With(secrets, "predict", At("encoded"), picture, "--encode-with", At("a.key")).ExitCode);
        Assert.Equal(2, CliRun.With(secrets, "predict", At("plain"), picture, "--encode-with", At("a.key")).ExitCode);
        Assert.Equal(0, CliRun.Of("predict", At("plain"), picture).ExitCode);
        CliRun without = CliRun.Of("eval", At("encoded"), "--bootstrap", "0");
        Assert.NotEqual(0, without.ExitCode); // whoever evaluates pictures needs the key
        Assert.NotEqual(0, CliRun.Of(common).ExitCode);
    }

    [Fact]
    [Trait(Speed.Trait, Speed.Slow)]
    public void Attack_encoding_judges_a_release_with_its_truth_and_drawn_keys_without()
    {
        Release(48);
        string[] attack = ["attack", "encoding", At("public"), "--gallery", "synth:xray", "--limit", "48", "--methods", "fingerprint,noise,seed-search", "--json"];
        CliRun known = CliRun.Of([.. attack, "--truth", At("secret"), "--key", At("b.key"), "--curve", "16,48", "--out", At("attack.html")]);
        Assert.Equal(0, known.ExitCode);
        JsonElement result = known.Json().GetProperty("result");
        Assert.False(result.GetProperty("formalGuarantee").GetBoolean());
        Assert.True(result.GetProperty("controlsPassed").GetBoolean());
        Assert.Equal(48, result.GetProperty("gallery").GetProperty("images").GetInt32());
        Assert.Equal("high", result.GetProperty("rating").GetString());
        JsonElement fingerprint = result.GetProperty("methods")[0];
        Assert.Equal(["release", "key 1", "key 2"], fingerprint.GetProperty("keys").EnumerateArray().Select(key => key.GetProperty("target").GetString()));
        Assert.True(fingerprint.GetProperty("top1Interval")[0].GetDouble() > 1.0 / 48);
        Assert.Equal(256, result.GetProperty("methods")[2].GetProperty("extra").GetProperty("keyBits").GetDouble());
        Assert.Equal([16, 48], result.GetProperty("curve").EnumerateArray().Select(point => point.GetProperty("images").GetInt32()));
        string html = File.ReadAllText(At("attack.html"));
        Assert.Contains("No formal guarantee", html, StringComparison.Ordinal);
        Assert.Contains("arXiv 2108.07256", html, StringComparison.Ordinal);
        Assert.DoesNotContain("<script", html, StringComparison.Ordinal);
        Assert.Equal("high", JsonDocument.Parse(File.ReadAllText(At("attack.json"))).RootElement.GetProperty("rating").GetString());
        CliRun drawn = CliRun.Of([.. attack, "--keys", "2"]);
        Assert.Equal(0, drawn.ExitCode);
        Assert.Contains("cannot be scored", drawn.Error, StringComparison.Ordinal);
        Assert.Equal(["key 1", "key 2"], drawn.Json().GetProperty("result").GetProperty("methods")[0].GetProperty("keys").EnumerateArray().Select(key => key.GetProperty("target").GetString()));
    }

    [Fact]
    public void Attack_encoding_refuses_what_it_cannot_score()
    {
        Release(20);
        string[] attack = ["attack", "encoding", At("public"), "--json"];
        Assert.Equal(2, CliRun.Of(attack).ExitCode);
        Assert.Equal(2, CliRun.Of([.. attack, "--gallery", "synth:xray", "--truth", At("secret")]).ExitCode);
        Assert.Equal(2, CliRun.Of([.. attack, "--gallery", "synth:xray", "--methods", "magic"]).ExitCode);
        Assert.Equal(3, CliRun.Of([.. attack, "--gallery", "synth:dermoscopy", "--limit", "30", "--truth", At("secret"), "--key", At("b.key")]).ExitCode); // other pictures
        Assert.Equal(3, CliRun.Of("attack", "encoding", At("secret"), "--gallery", "synth:xray").ExitCode);
        string shard = Path.Combine(At("public"), "encodings", "0000.safetensors");
        File.WriteAllBytes(shard, File.ReadAllBytes(shard)[..100]);
        Assert.Equal(3, CliRun.Of([.. attack, "--gallery", "synth:xray", "--limit", "20"]).ExitCode);
    }

    [Fact]
    public void A_challenge_is_made_answered_and_scored()
    {
        string[] family = ["--image-size", "32", "--patch-size", "8", "--hidden", "16", "--depth", "1"];
        Assert.Equal(2, CliRun.Of(["challenge", "make", "synth:xray", .. family]).ExitCode);
        Assert.Equal(3, CliRun.Of(["challenge", "make", "synth:xray", "--limit", "20", "--images", "10", "--out", At("c"), "--secret", At("s"), .. family]).ExitCode);
        Assert.Equal(0, CliRun.Of(["challenge", "make", "synth:xray", "--limit", "40", "--images", "10", "--out", At("c"), "--secret", At("s"), .. family]).ExitCode);
        JsonElement spec = JsonDocument.Parse(File.ReadAllText(Path.Combine(At("c"), "challenge.json"))).RootElement;
        string[] guesses = [.. spec.GetProperty("pictures").EnumerateArray().Zip(spec.GetProperty("encodings").EnumerateArray(), (picture, encoding) => $"{picture.GetString()},{encoding.GetString()}")];
        File.WriteAllLines(At("guess.csv"), guesses.Prepend("picture,encoding"));
        Assert.Equal(0, CliRun.Of("challenge", "submit", At("c"), At("guess.csv"), "--task", "1").ExitCode);
        Assert.Equal(3, CliRun.Of("challenge", "submit", At("c"), At("guess.csv"), "--task", "2").ExitCode);
        Assert.Equal(2, CliRun.Of("challenge", "score", At("c"), At("guess.csv"), "--task", "1").ExitCode);
        CliRun scored = CliRun.Of("challenge", "score", At("c"), At("guess.csv"), "--task", "1", "--secret", At("s"), "--json");
        Assert.Equal(0, scored.ExitCode);
        Assert.Equal(10, scored.Json().GetProperty("result").GetProperty("n").GetInt32());
        Assert.InRange(scored.Json().GetProperty("result").GetProperty("correct").GetInt32(), 0, 8); // ids are random: 9 and more right by chance is one in a million
    }

    private void Release(int images)
    {
        Assert.Equal(0, CliRun.Of("encode", "keygen", "--out", At("b.key"), "--unsealed", "--image-size", "64", "--patch-size", "8", "--hidden", "256").ExitCode);
        Assert.Equal(0, CliRun.Of("encode", "run", "synth:xray", "--limit", $"{images}", "--key", At("b.key"), "--out", At("public"), "--secret", At("secret"), "--i-accept-reidentification-risk", "test").ExitCode);
    }

    private string At(string name) => Path.Combine(_folder, name);
}
