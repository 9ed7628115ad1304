using Pellicle.NeuraCrypt.Release;

namespace Pellicle.NeuraCrypt.Tests.Release;

public sealed class AuditLevelTests
{
    [Theory]
    [InlineData(AuditLevel.Quick, new[] { "fingerprint" })]
    [InlineData(AuditLevel.Full, new[] { "fingerprint", "matching", "mmd", "contrastive" })]
    [Trait(Speed.Trait, Speed.Full)]
    public void The_gate_runs_the_attacks_of_its_level_and_the_manifest_names_them(AuditLevel level, string[] methods)
    {
        using var trial = new ReleaseTrial();
        EncodeResult result = trial.Run(request => request with { Audit = level });
        Assert.Equal(methods, result.Audit!.Methods.Select(method => method.Name));
        Assert.Equal(methods, PublicTables.ReadManifest(trial.Public).Audit!.Methods.Select(method => method.Name));
        Assert.True(result.Audit.ControlsPassed);
    }
}
