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

    private string At(string name) => Path.Combine(_folder, name);
}
