using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Pellicle.Core.Errors;
using Pellicle.Core.Random;
using Pellicle.Mpc.Core;
using Pellicle.Mpc.Kits;

namespace Pellicle.Mpc.Tests.Kits;

public sealed class KitTests : IDisposable
{
    private static readonly ulong[][] Secrets = [[1, 2, 3, ulong.MaxValue], [0x0123456789ABCDEF]];
    private readonly string _folder = Directory.CreateTempSubdirectory("pellicle-kits-").FullName;

    private string Kits => Path.Combine(_folder, "kits");

    [Fact]
    public void Weight_shares_of_the_three_kits_add_up_to_the_weights_and_both_holders_of_a_slot_have_the_same()
    {
        Write();
        SharedTensor[][] parts = [.. PartyId.All.Select(party => Open(party).ReadWeights([4, 1]).ToArray())];
        var scheme = new Protocols.Replicated3.ReplicatedShares();
        for (int k = 0; k < Secrets.Length; k++)
        {
            Assert.Equal(Secrets[k], scheme.Combine([parts[0][k], parts[1][k], parts[2][k]]));
        }
    }

    [Fact]
    public void Kits_of_securenn_give_two_parties_shares_and_the_opened_weights_and_the_helper_the_mask()
    {
        Write(protocol: Protocols.MpcProtocol.SecureNn);
        SharedTensor[][] parts = [.. PartyId.All.Select(party => Open(party).ReadWeights([4, 1]).ToArray())];
        for (int k = 0; k < Secrets.Length; k++)
        {
            Assert.Equal([1, 1, 0], parts.Select(part => part[k].SlotCount));
            Assert.Equal(Secrets[k], new Protocols.AdditiveShares().Combine([parts[0][k], parts[1][k], parts[2][k]]));
            var opened = new ulong[Secrets[k].Length];
            Ring64.Add(parts[0][k].Form!.Values, parts[2][k].Form!.Values, opened);
            Assert.Equal(Secrets[k], opened);
            Assert.Equal(parts[0][k].Form!.Values, parts[1][k].Form!.Values);
        }

        string manifest = File.ReadAllText(Path.Combine(Kits, "party1", "kit.json"));
        File.WriteAllText(Path.Combine(Kits, "party1", "kit.json"), manifest.Replace("securenn", "replicated3", StringComparison.Ordinal));
        Assert.Contains("weight slots", Assert.Throws<DataFormatException>(() => Open(new PartyId(1))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Two_writings_of_the_same_weights_share_nothing()
    {
        Write();
        byte[] first = File.ReadAllBytes(Path.Combine(Kits, "party1", "weights.slot2"));
        string token = File.ReadAllText(Path.Combine(Kits, "client", "kit.json"));
        Write(overwrite: true);
        Assert.NotEqual(first, File.ReadAllBytes(Path.Combine(Kits, "party1", "weights.slot2")));
        Assert.NotEqual(token, File.ReadAllText(Path.Combine(Kits, "client", "kit.json")));
    }

    [Fact]
    public void Files_can_be_read_by_their_owner_only()
    {
        Write();
        string[] files = Directory.GetFiles(Kits, "*", SearchOption.AllDirectories);
        Assert.True(files.Length > 20);
        if (!OperatingSystem.IsWindows())
        {
            foreach (string file in files)
            {
                Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
            }

            foreach (string folder in Directory.GetDirectories(Kits).Append(Kits))
            {
                Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(folder));
            }
        }
    }

    [Fact]
    public void No_kit_holds_what_another_party_must_not_see()
    {
        Write();
        byte[] Bytes(string folder, string file) => File.ReadAllBytes(Path.Combine(Kits, folder, file));
        (string Owner, string File)[] secrets = [("party0", "weights.seed0"), ("party0", "weights.seed1"), ("party0", "party.key"), ("party1", "party.key"), ("party2", "party.key"), ("party1", "weights.slot2")];
        foreach ((string owner, string file) in secrets)
        {
            // Slot 0 belongs to P0 and P2, slot 1 to P0 and P1, slot 2 to P1 and P2; a key to one.
            string[] holders = file switch { "weights.seed0" => ["party0", "party2"], "weights.seed1" => ["party0", "party1"], "weights.slot2" => ["party1", "party2"], _ => [owner] };
            byte[] secret = Bytes(owner, file);
            IEnumerable<string> found = Directory.GetFiles(Kits, "*", SearchOption.AllDirectories).Where(path => File.ReadAllBytes(path).AsSpan().IndexOf(secret) >= 0).Select(path => Path.GetFileName(Path.GetDirectoryName(path)!));
            Assert.Equal(holders, found.Distinct().Order());
        }

        // Tokens are in the client's kit only; weights in the clear nowhere.
        string client = Encoding.UTF8.GetString(Bytes("client", "kit.json"));
        string token = client.Split("\"token\": \"")[1].Split('"')[0];
        Assert.Equal(64, token.Length);
        byte[] weights = MemoryMarshal.AsBytes(Secrets[0].AsSpan()).ToArray();
        Assert.All(Directory.GetFiles(Kits, "*", SearchOption.AllDirectories), path =>
        {
            Assert.True(File.ReadAllBytes(path).AsSpan().IndexOf(weights) < 0, path);
            Assert.True(path.Contains("client", StringComparison.Ordinal) || !File.ReadAllText(path).Contains(token, StringComparison.Ordinal), path);
        });
    }

    [Fact]
    public void A_folder_that_exists_is_replaced_only_when_asked_for_and_only_if_it_holds_kits()
    {
        Write();
        Assert.Equal(FailureKind.Usage, Assert.Throws<UsageException>(() => Write()).Kind);
        Write(overwrite: true);
        Directory.Delete(Kits, true);
        Directory.CreateDirectory(Kits);
        File.WriteAllText(Path.Combine(Kits, "thesis.txt"), "years of work");
        Assert.Throws<UsageException>(() => Write(overwrite: true));
        Assert.Equal("years of work", File.ReadAllText(Path.Combine(Kits, "thesis.txt")));
        Assert.Equal(["kits"], Directory.GetFileSystemEntries(_folder).Select(Path.GetFileName)); // nothing temporary is left
    }

    [Fact]
    public void The_plan_of_a_kit_names_the_hashes_of_its_weight_files()
    {
        Write();
        string plan = File.ReadAllText(Path.Combine(Kits, "party0", "plan.json"));
        foreach ((string folder, string file) in new[] { ("party0", "weights.seed0"), ("party1", "weights.seed1"), ("party2", "weights.slot2") })
        {
            Assert.Contains(Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(Path.Combine(Kits, folder, file)))), plan, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("weights.slot2")]
    [InlineData("weights.seed1")]
    [InlineData("kit.json")]
    [InlineData("party.key")]
    [InlineData("party.crt")]
    [InlineData("party0.crt")]
    public void A_cut_off_or_missing_file_is_named_with_a_remedy(string file)
    {
        Write();
        string path = Path.Combine(Kits, "party1", file);
        File.WriteAllBytes(path, File.ReadAllBytes(path)[..^7]);
        AssertNamed();
        File.Delete(path);
        AssertNamed();

        void AssertNamed()
        {
            DataFormatException failure = Assert.Throws<DataFormatException>(() => Open(new PartyId(1)).ReadWeights([4, 1]));
            Assert.Contains(file.Split('.')[0], failure.Message, StringComparison.Ordinal);
            Assert.NotEmpty(failure.Hint);
        }
    }

    [Fact]
    public void One_changed_bit_of_the_weight_shares_is_noticed()
    {
        Write();
        string path = Path.Combine(Kits, "party1", "weights.slot2");
        byte[] bytes = File.ReadAllBytes(path);
        bytes[10] ^= 1;
        File.WriteAllBytes(path, bytes);
        Assert.Contains("SHA-256", Assert.Throws<DataFormatException>(() => Open(new PartyId(1)).ReadWeights([4, 1])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_party_that_made_its_own_key_gets_a_kit_without_one_and_the_others_pin_its_certificate()
    {
        var writer = new KitWriter(new SystemSecureRandom(), TimeProvider.System);
        string own = Path.Combine(_folder, "own");
        string certificate = writer.WriteIdentity(own, new PartyId(1));
        Assert.Throws<UsageException>(() => writer.WriteIdentity(own, new PartyId(1)));
        writer.Write(Kits, new KitRequest { Plan = _ => [1], Secrets = Secrets, Certificates = new Dictionary<PartyId, string> { [new PartyId(1)] = certificate } });
        Assert.False(File.Exists(Path.Combine(Kits, "party1", "party.key")));
        File.Copy(Path.Combine(own, "party.key"), Path.Combine(Kits, "party1", "party.key"));
        using PartyKit kit = Open(new PartyId(1)), other = Open(new PartyId(0));
        Assert.True(PartyCertificate.IsPinned(kit.Certificate, PartyCertificate.Fingerprint(other.Peers[new PartyId(1)])));
    }

    [Fact]
    public void The_kit_of_another_party_is_refused()
    {
        Write();
        Assert.Contains("kit of party 1", Assert.Throws<DataFormatException>(() => PartyKit.Open(Path.Combine(Kits, "party1", "plan.json"), new PartyId(2))).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0u, "c6a13b37878f5b826f4f8162a1c8d8797346139595c0b41e497bbde365f42d0a49d68753999ba68ce3897a686081b09d")]
    [InlineData(3u, "7e8ff7931f0e8b06d22f06456723fd2b84a0baf5bd8e760f5e8ce6aa52e5eeb2")]
    public void Seeds_expand_as_AES_CTR_of_other_programs_does(uint stream, string expected)
    {
        // openssl enc -aes-128-ctr -K 000102…0f -iv 000000NN000000000000000000000000 over zeros.
        byte[] seed = [.. Enumerable.Range(0, 16).Select(i => (byte)i)];
        ulong[] slot = ShareExpansion.Slot(seed, stream, expected.Length / 16);
        Assert.Equal(expected, Convert.ToHexStringLower(MemoryMarshal.AsBytes(slot.AsSpan())));
    }

    [Fact]
    public void The_documented_vector_of_an_image_is_right()
    {
        byte[] seed0 = [.. Enumerable.Range(0, 16).Select(i => (byte)i)], seed1 = [.. Enumerable.Range(0, 16).Select(i => (byte)(0xF0 + i))];
        ulong[] x = [.. new[] { 0.5, -1.25, 0 }.Select(v => new FixedPoint(16).Encode(v))];
        ulong[] x2 = ShareExpansion.Remainder(x, seed0, seed1, 0);
        string documentation = File.ReadAllText(Path.Combine(SharedFiles.Repository, "docs", "reference", "party-api.md"));
        ulong[][] slots = [ShareExpansion.Slot(seed0, 0, 3), ShareExpansion.Slot(seed1, 0, 3), x2];
        Assert.Contains(Words(x), documentation, StringComparison.Ordinal);
        Assert.All(slots, slot => Assert.Contains(Words(slot), documentation, StringComparison.Ordinal));
        Assert.All(slots, slot => Assert.Contains(Convert.ToHexStringLower(SHA256.HashData(MemoryMarshal.AsBytes(slot.AsSpan()))), documentation, StringComparison.Ordinal));

        static string Words(ulong[] row) => string.Join(' ', row.Select(word => word.ToString("x16")));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private void Write(bool overwrite = false, Protocols.MpcProtocol protocol = Protocols.MpcProtocol.Replicated3) => new KitWriter(new SystemSecureRandom(), TimeProvider.System).Write(Kits, new KitRequest
    {
        Plan = hashes => Encoding.UTF8.GetBytes(string.Join(' ', hashes)),
        Secrets = Secrets,
        Protocol = protocol,
        Overwrite = overwrite,
    });

    private PartyKit Open(PartyId party) => PartyKit.Open(Path.Combine(Kits, KitWriter.FolderOf(party), "plan.json"), party);
}
