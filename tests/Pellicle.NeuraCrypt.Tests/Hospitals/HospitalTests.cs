using System.Security.Cryptography;
using Pellicle.Core.Errors;
using Pellicle.Core.Random;
using Pellicle.Data;
using Pellicle.NeuraCrypt.Encoders;
using Pellicle.NeuraCrypt.Hospitals;
using Pellicle.NeuraCrypt.Keys;
using Pellicle.NeuraCrypt.Release;
using Pellicle.Training;
using Pellicle.Training.Configuration;
using Pellicle.Training.Runs;

namespace Pellicle.NeuraCrypt.Tests.Hospitals;

[Trait(Speed.Trait, Speed.Slow)]
public sealed class HospitalTests : IDisposable
{
    private static readonly EncodingSpecification Specification = new(new EncoderArchitecture { Depth = 1, PatchSize = 8, HiddenDim = 32, ImageSize = 32 }, ["normal", "pneumonia"]);
    private readonly string _folder = Directory.CreateTempSubdirectory("pellicle-hospitals").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Simulated_hospitals_share_no_patient_and_are_trained_together_and_alone_with_results_by_hospital()
    {
        MergeResult merged = Simulate(160);
        Assert.Equal(160, merged.Images);
        Assert.Equal(2, merged.Sources.Select(s => s.KeyId).Distinct().Count());
        using (ImageDataset dataset = ImageDataset.Open("encoded:" + merged.OutDir))
        {
            Assert.Equal(["hospital-1", "hospital-2"], dataset.Encodings!.Sources);
            Assert.Equal(160, dataset.ColumnValues("source")!.Count);
        }

        HospitalsResult result = new HospitalsPipeline(TimeProvider.System, new Silent()).Run(new HospitalsRequest
        {
            MergedFolder = merged.OutDir,
            OutFolder = At("runs"),
            Config = new TrainConfig
            {
                Model = new ModelSection { Name = "vit_encoded", NumLayers = 1, SourceTokens = true },
                Privacy = new PrivacySection { NonPrivate = true },
                Train = new TrainSection { Batch = 16, Epochs = null, Steps = 4 },
                Threads = 1,
            },
        });
        Assert.Equal(["hospital-1", "hospital-2"], result.Hospitals.Select(h => h.Name));
        Assert.All(result.Hospitals, h => Assert.Equal(h.Alone!.N, h.Joint!.N));
        Assert.Equal(result.JointTest!.N, result.Hospitals.Sum(h => h.Joint!.N));
        Assert.All(result.Hospitals, h => Assert.NotNull(h.Joint!.Intervals.Auc));
        Assert.All(result.Hospitals, h => Assert.Single(h.ElsewhereAlone));
        Assert.Equal(3, result.Runs.Count(RunFolder.IsRun));
    }

    [Fact]
    public void A_merge_verifies_signatures_hashes_specification_and_that_no_key_serves_twice()
    {
        string sign = At("sign.pem");
        using (var key = ECDsa.Create(ECCurve.NamedCurves.nistP256))
        {
            File.WriteAllText(sign, key.ExportECPrivateKeyPem());
        }

        File.WriteAllText(At("placeholder"), "");
        Specification.Write(At("spec.json"));
        Encode("a", sign, Specification.Hash);
        Encode("b", null, Specification.Hash);
        Encode("c", sign, null);
        MergeResult ok = Merge(requireSignatures: false, "a", "b");
        Assert.NotNull(ok.Sources[0].Signer);
        Assert.Null(ok.Sources[1].Signer);
        Refused("is not signed", true, "a", "b");
        Refused("was not made under this specification", false, "a", "c");
        Refused("has the key", false, "a", "a");
        string manifest = Path.Combine(At("a"), "public", "manifest.json");
        string text = File.ReadAllText(manifest);
        File.WriteAllText(manifest, text.Replace("\"isSynthetic\": true", "\"isSynthetic\": false", StringComparison.Ordinal));
        Refused("signature", false, "a", "b");
        Assert.Throws<DataFormatException>(() => ImageDataset.Open("encoded:" + At("merged"))); // its manifest is not the one that was merged
        File.WriteAllText(manifest, text);
        string shard = Directory.EnumerateFiles(Path.Combine(At("b"), "public", "encodings")).First();
        byte[] bytes = File.ReadAllBytes(shard);
        bytes[^1] ^= 1;
        File.WriteAllBytes(shard, bytes);
        Refused("SHA-256 differs", false, "a", "b");
    }

    [Fact]
    public void A_split_passphrase_opens_its_key_with_any_two_of_three_shares_and_not_with_one()
    {
        (Passphrase passphrase, IReadOnlyList<string> files) = PassphraseShares.Make(At("x.key"), 2, 3, new SystemSecureRandom());
        using (passphrase)
        {
            new KeygenPipeline(TimeProvider.System).Run(new KeygenRequest { Architecture = Specification.Architecture, OutFile = At("x.key") }, passphrase);
        }

        foreach (string[] two in new[] { new[] { files[0], files[2] }, [files[1], files[0]] })
        {
            using Passphrase joined = PassphraseShares.Join(two);
            using EncoderKey key = EncoderKey.Open(At("x.key"), joined);
        }

        Assert.Throws<UsageException>(() => PassphraseShares.Join([files[0]]));
        Assert.Throws<UsageException>(() => PassphraseShares.Join([files[0], files[0]]));
        PassphraseShares.Make(At("y.key"), 2, 3, new SystemSecureRandom()).Passphrase.Dispose();
        Assert.Throws<DataFormatException>(() => PassphraseShares.Join([files[0], At("y.key.share-2")]));
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(files[0]));
        }
    }

    private MergeResult Simulate(int images) => new SimulatePipeline(TimeProvider.System, _ => { }, (_, _) => { }).Run(
        new SimulateRequest { Source = $"synth:xray,images={images},size=32", Options = new DatasetOptions { ValidationShare = 0.2 }, Specification = Specification, Hospitals = 2, OutFolder = At("simulated"), Threads = 1 });

    private void Encode(string name, string? sign, string? specification)
    {
        Directory.CreateDirectory(At(name));
        string key = Path.Combine(At(name), "encoder.key");
        new KeygenPipeline(TimeProvider.System).Run(new KeygenRequest { Architecture = Specification.Architecture, OutFile = key, Specification = specification }, null);
        new EncodePipeline(TimeProvider.System, _ => { }, (_, _) => { }).Run(
            new EncodeRequest
            {
                Source = "synth:xray,size=32,images=40", Options = new DatasetOptions(), KeyFile = key, PublicFolder = Path.Combine(At(name), "public"), SecretFolder = Path.Combine(At(name), "secret"),
                Audit = AuditLevel.Off, AcceptedReason = "test", SigningKey = sign, Threads = 1,
            },
            null);
    }

    private MergeResult Merge(bool requireSignatures, params string[] names) => MergePipeline.Run(
        new MergeRequest { Releases = [.. names.Select((n, i) => ($"{n}{i}", Path.Combine(At(n), "public")))], OutFolder = At("merged"), SpecificationFile = At("spec.json"), RequireSignatures = requireSignatures });

    private void Refused(string expected, bool requireSignatures, params string[] names)
    {
        var error = Assert.Throws<DataFormatException>(() => Merge(requireSignatures, names));
        Assert.Contains(error.Problems, p => p.Message.Contains(expected, StringComparison.Ordinal));
    }

    private string At(string name) => Path.Combine(_folder, name);

    private sealed class Silent : ITrainingObserver
    {
        public void Note(string text)
        {
            // Tests look at results.
        }

        public void Warn(string text)
        {
            // Tests look at results.
        }

        public void StepTaken(StepMetrics metrics, long plannedSteps)
        {
            // Tests look at results.
        }
    }
}
