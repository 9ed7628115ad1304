using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Pellicle.Core.Errors;
using Pellicle.Core.Random;
using Pellicle.Data;
using Pellicle.Formats.Npy;
using Pellicle.Formats.Safetensors;
using Pellicle.NeuraCrypt.Encoders;
using Pellicle.NeuraCrypt.Keys;
using Pellicle.NeuraCrypt.Release;
using Pellicle.Tensors;

namespace Pellicle.NeuraCrypt.Tests.Release;

public sealed class EncodePipelineTests : IDisposable
{
    private const string Source = "synth:xray";
    private static readonly DatasetOptions TwentyFour = new() { Limit = 24 };
    private readonly string _folder = Directory.CreateTempSubdirectory("pellicle-release").FullName;
    private readonly List<string> _warnings = [];

    private string Public => Path.Combine(_folder, "public");

    private string Secret => Path.Combine(_folder, "secret");

    private string KeyPath => Path.Combine(_folder, "hospital.key");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_release_with_a_high_risk_is_refused_before_anything_is_written()
    {
        // Large enough that half are found: fewer than 3 of 48 would be a chance of below 1e-8.
        MakeKey(new EncoderArchitecture { Depth = 1, PatchSize = 8, HiddenDim = 256, ImageSize = 64 });
        EncodeResult result = Run(Request() with { AcceptedReason = null, Options = new DatasetOptions { Limit = 48 } });
        Assert.NotNull(result.Refusal);
        Assert.Equal(FailureKind.PrivacyRefused, result.Refusal.Kind);
        Assert.True(result.Audit!.Worst!.AssignmentAccuracy > 0.05);
        Assert.False(Directory.Exists(Public));
        Assert.False(Directory.Exists(Secret));
        Assert.Null(result.Manifest);
    }

    [Fact]
    public void Without_an_audit_the_risk_must_be_accepted()
    {
        MakeKey();
        Assert.NotNull(Run(Request() with { AcceptedReason = null, Audit = AuditLevel.Off }).Refusal);
        Assert.Null(Run(Request() with { Audit = AuditLevel.Off }).Refusal);
    }

    [Fact]
    public void The_public_folder_holds_opaque_ids_in_their_order_and_nothing_of_key_map_or_source()
    {
        MakeKey();
        EncodeResult result = Run(Request());
        Assert.Equal(24, result.Images);
        string[] files = [.. Directory.EnumerateFiles(Public, "*", SearchOption.AllDirectories).Select(f => Path.GetRelativePath(Public, f)).Order(StringComparer.Ordinal)];
        Assert.Equal(["encodings/0000.safetensors", "labels.csv", "manifest.json"], files);
        Assert.All(files, f => Assert.Equal(PublicTables.ConstantTime, File.GetLastWriteTimeUtc(Path.Combine(Public, f))));
        string[] ids = [.. File.ReadLines(Path.Combine(Public, "labels.csv")).Skip(1).Select(line => line.Split(',')[0])];
        Assert.Equal(ids.Order(StringComparer.Ordinal), ids);
        using SafetensorsFile shard = SafetensorsFile.Read(Path.Combine(Public, "encodings", "0000.safetensors"));
        Assert.Equal(ids, shard.Entries.OrderBy(e => e.Value.Offset).Select(e => e.Key));
        using ImageDataset dataset = ImageDataset.Open(Source, TwentyFour);
        string text = File.ReadAllText(Path.Combine(Public, "labels.csv")) + File.ReadAllText(Path.Combine(Public, "manifest.json"));
        Assert.All(dataset.Records, record => Assert.DoesNotContain(record.File, text, StringComparison.Ordinal));
        Assert.DoesNotContain(dataset.Fingerprint, text, StringComparison.Ordinal);
        Assert.NotEqual(dataset.Records.Select(r => r.File), MapFiles()); // 1 of 24! orders is that of the source
    }

    [Fact]
    public void The_manifest_records_audit_acceptance_and_warning()
    {
        MakeKey();
        Run(Request());
        JsonNode manifest = JsonNode.Parse(File.ReadAllText(Path.Combine(Public, "manifest.json")))!;
        Assert.Equal("pellicle-encoded", (string?)manifest["format"]);
        Assert.Equal(24, (int?)manifest["count"]);
        Assert.Equal([16, 32], manifest["shape"]!.AsArray().Select(v => (int)v!));
        Assert.Equal("test of the gate", (string?)manifest["accepted"]!["reason"]);
        Assert.True((bool?)manifest["audit"]!["controlsPassed"]);
        Assert.Contains("not anonymous and not encrypted", (string?)manifest["warning"], StringComparison.Ordinal);
        Assert.True((bool?)manifest["isSynthetic"]);
    }

    [Theory]
    [InlineData(EncodingFormat.Safetensors, EncodingType.F32)]
    [InlineData(EncodingFormat.Safetensors, EncodingType.F16)]
    [InlineData(EncodingFormat.Safetensors, EncodingType.Bf16)]
    [InlineData(EncodingFormat.Npy, EncodingType.F32)]
    [InlineData(EncodingFormat.Npy, EncodingType.F16)]
    public void Every_format_is_verified_against_key_and_pictures_without_the_map(EncodingFormat format, EncodingType type)
    {
        MakeKey();
        Run(Request() with { Format = format, Type = type });
        VerifyResult result = VerifyPipeline.Run(Public, KeyPath, null, Source, TwentyFour, 2);
        Assert.Equal((24, 0), (result.Checked, result.Mismatches));
        Assert.Null(result.ManifestSignatureValid);
    }

    [Fact]
    public void NPY_files_are_version_1_little_endian_in_C_order()
    {
        MakeKey();
        Run(Request() with { Format = EncodingFormat.Npy });
        byte[] file = File.ReadAllBytes(Directory.EnumerateFiles(Path.Combine(Public, "encodings")).First());
        Assert.Equal(128 + (16 * 32 * 4), file.Length);
        Assert.Equal(1, file[6]);
        Assert.Contains("{'descr': '<f4', 'fortran_order': False, 'shape': (16, 32), }", Encoding.ASCII.GetString(file, 0, 128), StringComparison.Ordinal);
    }

    [Fact]
    public void Verification_finds_a_changed_number_a_changed_file_and_other_pictures()
    {
        MakeKey();
        Run(Request() with { Format = EncodingFormat.Npy });
        Assert.Equal(24, VerifyPipeline.Run(Public, KeyPath, null, Source, TwentyFour with { Seed = 99 }, 2).Mismatches);
        string file = Directory.EnumerateFiles(Path.Combine(Public, "encodings")).First();
        float[] values = NpyFile.Read(file).ToFloats();
        values[7] += 0.5f;
        NpyFile.Write(file, NpyArray.From<float>(values, [16, 32]));
        Assert.Equal(1, VerifyPipeline.Run(Public, KeyPath, null, Source, TwentyFour, 2).Mismatches);
    }

    [Fact]
    public void Signatures_are_valid_until_the_manifest_changes()
    {
        MakeKey();
        string signing = Path.Combine(_folder, "sign.pem");
        using (var key = ECDsa.Create(ECCurve.NamedCurves.nistP256))
        {
            File.WriteAllText(signing, key.ExportPkcs8PrivateKeyPem());
        }

        Run(Request() with { SigningKey = signing });
        Assert.True(VerifyPipeline.Run(Public, KeyPath, null, Source, TwentyFour, 2).ManifestSignatureValid);
        string manifest = Path.Combine(Public, "manifest.json");
        File.WriteAllText(manifest, File.ReadAllText(manifest).Replace("test of the gate", "another reason", StringComparison.Ordinal));
        Assert.False(VerifyPipeline.Run(Public, KeyPath, null, Source, TwentyFour, 2).ManifestSignatureValid);
    }

    [Fact]
    public void An_interrupted_release_goes_on_with_the_same_ids_and_keeps_whole_files()
    {
        MakeKey();
        using var source = new CancellationTokenSource();
        var pipeline = new EncodePipeline(TimeProvider.System, _warnings.Add, (done, _) =>
        {
            if (done >= 8)
            {
                source.Cancel();
            }
        });
        EncodeRequest request = Request() with { Format = EncodingFormat.Npy, Batch = 8 };
        Assert.Throws<OperationCanceledException>(() => pipeline.Run(request, null, source.Token));
        string[] kept = [.. Directory.EnumerateFiles(Path.Combine(Public, "encodings")).Order(StringComparer.Ordinal)];
        Assert.Equal(8, kept.Length);
        byte[] first = File.ReadAllBytes(kept[0]);
        Assert.Equal(24, Run(request).Images);
        Assert.Equal(first, File.ReadAllBytes(kept[0]));
        Assert.Equal(0, VerifyPipeline.Run(Public, KeyPath, null, Source, TwentyFour, 2).Mismatches);
    }

    [Theory]
    [InlineData("public", "public")]
    [InlineData("public", "public/secret")]
    [InlineData("secret/public", "secret")]
    [InlineData(".", "secret")]
    public void Folders_that_are_equal_or_nested_or_hold_the_key_are_refused(string open, string secret)
    {
        MakeKey();
        Assert.Throws<UsageException>(() => Run(Request() with { PublicFolder = Path.Combine(_folder, open), SecretFolder = Path.Combine(_folder, secret) }));
    }

    [Fact]
    public void A_link_does_not_smuggle_the_secret_folder_into_the_public_one()
    {
        MakeKey();
        Directory.CreateDirectory(Public);
        Directory.CreateSymbolicLink(Path.Combine(_folder, "alias"), Public);
        Assert.Throws<UsageException>(() => Run(Request() with { SecretFolder = Path.Combine(_folder, "alias", "secret") }));
    }

    [Fact]
    public void A_second_data_set_under_one_key_is_warned_of_and_a_finished_release_is_not_overwritten()
    {
        MakeKey();
        Run(Request() with { Audit = AuditLevel.Off });
        Assert.Throws<UsageException>(() => Run(Request() with { Audit = AuditLevel.Off }));
        Assert.DoesNotContain(_warnings, w => w.Contains("another data set", StringComparison.Ordinal));
        Run(Request() with { Audit = AuditLevel.Off, Options = TwentyFour with { Seed = 5 }, PublicFolder = Public + "2", SecretFolder = Secret + "2" });
        Assert.Contains(_warnings, w => w.Contains("another data set", StringComparison.Ordinal));
        using EncoderKey key = EncoderKey.Open(KeyPath, null);
        Assert.Equal([24, 24], key.Uses.Select(use => use.Images));
    }

    [Fact]
    public void The_map_opens_with_its_key_only_and_is_readable_by_its_owner_only()
    {
        MakeKey();
        Run(Request() with { Audit = AuditLevel.Off });
        string map = Path.Combine(Secret, ReleaseMap.FileName);
        Assert.DoesNotContain(MapFiles()[0], File.ReadAllText(map), StringComparison.Ordinal);
        using EncoderKey other = EncoderKey.Create(Tiny, new SystemSecureRandom(), DateTimeOffset.UnixEpoch);
        Assert.Throws<DataFormatException>(() => ReleaseMap.Read(Secret, other));
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(map));
        }
    }

    [Fact]
    public void Labels_are_left_out_when_asked()
    {
        MakeKey();
        Run(Request() with { Audit = AuditLevel.Off, Labels = LabelMode.Omit });
        Assert.Equal("id,split", File.ReadLines(Path.Combine(Public, "labels.csv")).First());
        Assert.Empty(JsonNode.Parse(File.ReadAllText(Path.Combine(Public, "manifest.json")))!["classes"]!.AsArray());
    }

    [Fact]
    public void Encodings_in_eight_bits_are_read_back_within_a_step_of_their_scale_and_verified()
    {
        MakeKey();
        Run(Request() with { Audit = AuditLevel.Off, Type = EncodingType.Int8 });
        Assert.True(File.Exists(Path.Combine(Public, "encodings", "scale.npy")));
        Assert.Equal(0, Verify().Mismatches);
        using ImageDataset encodings = ImageDataset.Open("encoded:" + Public);
        Assert.Equal([Tiny.Patches, Tiny.HiddenDim], new[] { encodings.Encodings!.Tokens, encodings.Encodings.Width });
        long wide = new FileInfo(Path.Combine(Public, "encodings", "0000.safetensors")).Length;
        Assert.InRange(wide, 24L * Tiny.Patches * Tiny.HiddenDim, (24L * Tiny.Patches * Tiny.HiddenDim) + 8000);
    }

    [Fact]
    public void Products_in_bfloat16_give_encodings_within_two_percent_that_are_verified()
    {
        MakeKey();
        Run(Request() with { Audit = AuditLevel.Off, Precision = Nn.ProductPrecision.Bfloat16 });
        Assert.Equal(0, Verify().Mismatches);
        using EncoderKey key = EncoderKey.Open(KeyPath, null);
        using TensorScope scope = TensorScope.Open();
        using var images = new ImageBatches(Source, TwentyFour, Tiny, 1);
        using PrivateEncoder exact = key.OpenEncoder();
        using PrivateEncoder narrow = key.OpenEncoder(Nn.ProductPrecision.Bfloat16);
        Tensor pictures = images.Read([0, 1, 2, 3]);
        Tensor expected = exact.Encode(pictures);
        double error = (narrow.Encode(pictures) - expected).Square().Sum().Item() / expected.Square().Sum().Item();
        Assert.InRange(Math.Sqrt(error), 1e-5, 2e-2);
    }

    [Fact]
    public void Coarse_labels_publish_groups_and_refuse_classes_without_one()
    {
        MakeKey();
        EncodeRequest coarse = Request() with { Audit = AuditLevel.Off, Labels = LabelMode.Coarse, CoarseLabels = new Dictionary<string, IReadOnlyList<string>> { ["any"] = ["normal", "pneumonia"] } };
        Assert.Throws<UsageException>(() => Run(coarse with { CoarseLabels = new Dictionary<string, IReadOnlyList<string>> { ["any"] = ["normal"] } }));
        Run(coarse);
        Assert.Equal(["any"], File.ReadLines(Path.Combine(Public, "labels.csv")).Skip(1).Select(line => line.Split(',')[2]).Distinct());
    }

    [Fact]
    public void A_padded_release_does_not_tell_how_many_pictures_there_are()
    {
        MakeKey();
        EncodeResult result = Run(Request() with { Audit = AuditLevel.Off, PadCount = 20 });
        Assert.Equal((24, 16), (result.Images, result.Padding));
        Assert.Equal(41, File.ReadLines(Path.Combine(Public, "labels.csv")).Count());
        VerifyResult verified = Verify();
        Assert.Equal((0, 16, 0), (verified.Mismatches, verified.Padding, verified.Unpublished));
    }

    [Fact]
    public void Verification_counts_a_second_encoding_of_one_picture_as_a_mismatch()
    {
        MakeKey();
        Run(Request() with { Audit = AuditLevel.Off, Format = EncodingFormat.Npy });
        string[] files = [.. Directory.EnumerateFiles(Path.Combine(Public, "encodings")).Order(StringComparer.Ordinal)];
        File.Copy(files[0], files[1], overwrite: true);
        string manifest = Path.Combine(Public, "manifest.json");
        JsonNode json = JsonNode.Parse(File.ReadAllText(manifest))!;
        json["shards"]![1]!["sha256"] = json["shards"]![0]!["sha256"]!.GetValue<string>();
        File.WriteAllText(manifest, json.ToJsonString());
        VerifyResult verified = Verify();
        Assert.Equal((1, 1), (verified.Mismatches, verified.Unpublished));
    }

    [Fact]
    public void Pictures_that_cannot_be_read_leave_the_release_and_are_named()
    {
        MakeKey();
        string pictures = Path.Combine(_folder, "pictures");
        using (ImageDataset source = ImageDataset.Open("synth:xray,images=24,size=32"))
        {
            for (int i = 0; i < 24; i++)
            {
                string place = Path.Combine(pictures, source.Classes[source.Records[i].Label]);
                Directory.CreateDirectory(place);
                NpyFile.Write(Path.Combine(place, $"{i}.npy"), NpyArray.From<byte>(source.Read(i).Bytes, [32, 32]));
            }
        }

        string damaged = Directory.EnumerateFiles(pictures, "5.npy", SearchOption.AllDirectories).Single();
        File.WriteAllBytes(damaged, File.ReadAllBytes(damaged)[..200]);
        EncodeResult result = Run(Request() with { Source = "folder:" + pictures, Options = new DatasetOptions(), Audit = AuditLevel.Off, Batch = 8 });
        Assert.Equal(23, result.Images);
        Assert.EndsWith("5.npy", Assert.Single(result.Skipped).File, StringComparison.Ordinal);
        Assert.Equal(24, File.ReadLines(Path.Combine(Public, "labels.csv")).Count());
    }

    private VerifyResult Verify() => VerifyPipeline.Run(Public, KeyPath, null, Source, TwentyFour, 1);

    private static EncoderArchitecture Tiny { get; } = new() { Depth = 1, PatchSize = 8, HiddenDim = 32, ImageSize = 32 };

    private void MakeKey(EncoderArchitecture? architecture = null)
    {
        using EncoderKey key = EncoderKey.Create(architecture ?? Tiny, new SystemSecureRandom(), DateTimeOffset.UnixEpoch);
        key.Save(KeyPath, null, new SystemSecureRandom());
    }

    private EncodeRequest Request() => new()
    {
        Source = Source,
        Options = TwentyFour,
        KeyFile = KeyPath,
        PublicFolder = Public,
        SecretFolder = Secret,
        AcceptedReason = "test of the gate",
    };

    private EncodeResult Run(EncodeRequest request) => new EncodePipeline(TimeProvider.System, _warnings.Add, (_, _) => { }).Run(request, null);

    private string[] MapFiles()
    {
        using EncoderKey key = EncoderKey.Open(KeyPath, null);
        return [.. ReleaseMap.Read(Secret, key)!.Entries.Select(e => e.File)];
    }
}
