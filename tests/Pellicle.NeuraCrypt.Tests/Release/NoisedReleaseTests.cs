using Pellicle.Core.Errors;
using Pellicle.Data.Encodings;
using Pellicle.NeuraCrypt.Encoders;
using Pellicle.NeuraCrypt.Noise;
using Pellicle.NeuraCrypt.Release;

namespace Pellicle.NeuraCrypt.Tests.Release;

public sealed class NoisedReleaseTests
{
    private static readonly EncoderArchitecture WithoutNorms = ReleaseTrial.Tiny with { Normalisation = EncoderNormalisation.None };
    private static readonly NoiseRequest Noise = new(10, 1e-5, 20);

    [Fact]
    public void Encodings_carry_the_noise_and_the_manifest_the_guarantee()
    {
        using var trial = new ReleaseTrial(WithoutNorms);
        EncodeResult result = trial.Run(request => request with { Noise = Noise });
        LocalGuarantee guarantee = PublicTables.ReadManifest(trial.Public).Noise!;
        Assert.Equal(result.Noise, guarantee);
        Assert.Equal((10, 1e-5, 20), (guarantee.Epsilon, guarantee.Delta, guarantee.Clip));
        using var encodings = new EncodedFolder(trial.Public);
        var values = new float[16 * 32];
        double squares = 0;
        foreach (string id in encodings.Ids)
        {
            encodings.Read(id, values);
            squares += values.Sum(v => (double)v * v);
        }

        // Clipped rows add at most clip²/512 to the variance of a number; 12,288 numbers: 1.3 % is one standard deviation.
        double variance = guarantee.StandardDeviation * guarantee.StandardDeviation;
        Assert.InRange(squares / (24 * values.Length), variance * 0.94, (variance + (20.0 * 20 / 512)) * 1.06);
    }

    [Fact]
    public void Noise_is_refused_where_an_encoding_depends_on_more_than_its_picture_or_a_picture_is_used_twice()
    {
        using var frozen = new ReleaseTrial();
        Assert.Contains("--norm frozen", Refusal(frozen, request => request).Message, StringComparison.Ordinal);
        using var trial = new ReleaseTrial(WithoutNorms);
        Assert.Contains("--pad-count", Refusal(trial, request => request with { PadCount = 10 }).Message, StringComparison.Ordinal);
        Assert.Contains("--dtype is int8", Refusal(trial, request => request with { Type = EncodingType.Int8 }).Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(trial.Public));
    }

    [Fact]
    public void Noised_encodings_are_not_verified_against_pictures()
    {
        using var trial = new ReleaseTrial(WithoutNorms);
        trial.Run(request => request with { Noise = Noise });
        Assert.Throws<UsageException>(trial.Verify);
    }

    private static UsageException Refusal(ReleaseTrial trial, Func<EncodeRequest, EncodeRequest> change) =>
        Assert.Throws<UsageException>(() => trial.Run(request => change(request) with { Noise = Noise }));
}
