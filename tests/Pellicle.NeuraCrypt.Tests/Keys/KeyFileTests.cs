using System.Text;
using System.Text.Json.Nodes;
using Pellicle.Core.Errors;
using Pellicle.Core.Random;
using Pellicle.NeuraCrypt.Encoders;
using Pellicle.NeuraCrypt.Keys;
using Pellicle.NeuraCrypt.Tests.Encoders;

namespace Pellicle.NeuraCrypt.Tests.Keys;

public sealed class KeyFileTests : IDisposable
{
    private const int FewIterations = 1000; // the default is tested once; it takes a quarter of a second
    private readonly string _folder = Directory.CreateTempSubdirectory("pellicle-key").FullName;
    private readonly SystemSecureRandom _random = new();

    private string KeyPath => Path.Combine(_folder, "hospital.key");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_saved_key_gives_the_same_weights_and_statistics()
    {
        using EncoderKey key = Make();
        key.Freeze(Statistics());
        using var passphrase = Passphrase.Of("correct horse battery");
        key.Save(KeyPath, passphrase, _random, FewIterations);
        using EncoderKey opened = EncoderKey.Open(KeyPath, passphrase);
        EncoderWeights expected = key.DeriveWeights();
        EncoderWeights found = opened.DeriveWeights();
        Assert.All(expected.Architecture.Tensors(), t => Assert.Equal(expected[t.Name], found[t.Name]));
        Assert.Equal(key.Statistics![2].Mean, opened.Statistics![2].Mean);
        Assert.Equal(key.Statistics![2].Variance, opened.Statistics![2].Variance);
        Assert.False(opened.NeedsCalibration);
    }

    [Fact]
    public void Key_files_are_readable_by_their_owner_only_and_hold_no_seed()
    {
        using EncoderKey key = Make();
        using var passphrase = Passphrase.Of("correct horse battery");
        key.Save(KeyPath, passphrase, _random);
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(KeyPath));
        }

        JsonNode json = JsonNode.Parse(File.ReadAllText(KeyPath))!;
        Assert.Equal("pellicle-encoder-key", (string?)json["format"]);
        Assert.Equal(1, (int?)json["version"]);
        Assert.Equal(32, ((string?)json["keyId"])!.Length);
        Assert.Equal("hkdf-sha256/chacha20/v1", (string?)json["derivation"]);
        Assert.Equal("frozen", (string?)json["architecture"]!["normalisation"]);
        Assert.Equal("pbkdf2-hmac-sha256", (string?)json["sealed"]!["kdf"]);
        Assert.True((int?)json["sealed"]!["iterations"] >= 600_000);
        Assert.DoesNotContain("statistics", File.ReadAllText(KeyPath), StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData("keyId")]
    [InlineData("depth")]
    [InlineData("owner")]
    [InlineData("ciphertext")]
    public void A_changed_key_file_does_not_open(string field)
    {
        using EncoderKey key = Make();
        using var passphrase = Passphrase.Of("correct horse battery");
        key.Save(KeyPath, passphrase, _random, FewIterations);
        JsonNode json = JsonNode.Parse(File.ReadAllText(KeyPath))!;
        switch (field)
        {
            case "keyId": json["keyId"] = new string('0', 32); break;
            case "depth": json["architecture"]!["depth"] = 2; break;
            case "owner": json["owner"] = "somebody else"; break;
            default:
                byte[] bytes = Convert.FromBase64String((string)json["sealed"]!["ciphertext"]!);
                bytes[5] ^= 1;
                json["sealed"]!["ciphertext"] = Convert.ToBase64String(bytes);
                break;
        }

        File.WriteAllText(KeyPath, json.ToJsonString());
        Assert.Throws<DataFormatException>(() => EncoderKey.Open(KeyPath, passphrase));
    }

    [Fact]
    public void A_wrong_or_missing_passphrase_is_told_apart_and_shows_nothing()
    {
        using EncoderKey key = Make();
        using var passphrase = Passphrase.Of("correct horse battery");
        using var other = Passphrase.Of("wrong horse battery");
        key.Save(KeyPath, passphrase, _random, FewIterations);
        DataFormatException wrong = Assert.Throws<DataFormatException>(() => EncoderKey.Open(KeyPath, other));
        Assert.DoesNotContain("wrong horse", wrong.Message + wrong.Hint, StringComparison.Ordinal);
        Assert.Throws<UsageException>(() => EncoderKey.Open(KeyPath, null));
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[1]")]
    [InlineData("{\"format\":\"pellicle-encoder-key\"}")]
    [InlineData("{\"format\":\"other\",\"version\":1}")]
    public void Other_files_are_refused(string text)
    {
        File.WriteAllText(KeyPath, text);
        Assert.Throws<DataFormatException>(() => EncoderKey.Open(KeyPath, null));
    }

    [SharedFact("parity/neuracrypt/encoder_depth4.npz")]
    public void Imported_weights_come_back_and_are_marked()
    {
        EncoderArchitecture architecture = EncoderParityTests.Small(EncoderKind.Conv, 4);
        EncoderWeights weights = EncoderWeights.Read(SharedFiles.Locate("parity/neuracrypt/encoder_depth4.npz"), architecture);
        using EncoderKey key = EncoderKey.Create(architecture, _random, DateTimeOffset.UnixEpoch, imported: weights);
        using var passphrase = Passphrase.Of("correct horse battery");
        key.Save(KeyPath, passphrase, _random, FewIterations);
        using EncoderKey opened = EncoderKey.Open(KeyPath, passphrase);
        Assert.True(opened.IsLegacyImport);
        Assert.Equal("none", opened.Derivation);
        Assert.All(architecture.Tensors(), t => Assert.Equal(weights[t.Name], opened.DeriveWeights()[t.Name]));
    }

    [Fact]
    public void Pickles_are_refused_with_the_way_around() =>
        Assert.Contains("numpy.savez", Assert.Throws<DataFormatException>(() => EncoderWeights.Read("encoder.pt", PrivateEncoderTests.Small)).Hint, StringComparison.Ordinal);

    [Fact]
    public void Secrets_show_kind_and_length_only_and_are_zeroed()
    {
        using EncoderKey key = Make();
        Assert.Equal("EncoderKey (32 bytes)", key.ToString());
        SecretBytes secret = SecretBytes.CopyOf(Encoding.UTF8.GetBytes("topsecret"));
        Span<byte> view = secret.Span;
        Assert.Equal("SecretBytes (9 bytes)", secret.ToString());
        secret.Dispose();
        Assert.All(view.ToArray(), b => Assert.Equal(0, b));
        Assert.Throws<ObjectDisposedException>(() => secret.Span.Length);
    }

    [Fact]
    public void Any_k_shares_give_the_secret_and_fewer_do_not()
    {
        byte[] secret = [.. Enumerable.Range(0, 256).Select(i => (byte)i)];
        byte[][] shares = KeyShares.Split(secret, 3, 5, new FixedRandom(1));
        for (int a = 0; a < 5; a++)
        {
            for (int b = a + 1; b < 5; b++)
            {
                Assert.NotEqual(secret, KeyShares.Join([shares[a], shares[b]]));
                for (int c = b + 1; c < 5; c++)
                {
                    Assert.Equal(secret, KeyShares.Join([shares[c], shares[a], shares[b]]));
                }
            }
        }
    }

    private EncoderKey Make() => EncoderKey.Create(PrivateEncoderTests.Small, _random, DateTimeOffset.UnixEpoch, "hospital a");

    private static NormStatistics[] Statistics() => [.. Enumerable.Range(0, 3).Select(i => new NormStatistics([.. Enumerable.Range(0, 16).Select(c => i + (0.1 * c))], [.. Enumerable.Range(0, 16).Select(c => 1 + i + (0.2 * c))]))];
}
