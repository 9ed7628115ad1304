using Pellicle.Core.Errors;
using Pellicle.Core.Random;
using Pellicle.Privacy.Noise;

namespace Pellicle.Privacy.Tests.Noise;

public sealed class RunKeyTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("pellicle-key-").FullName;

    private string KeyPath => Path.Combine(_folder, "run.key");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_loaded_key_gives_the_same_streams_as_the_one_that_was_sealed()
    {
        using RunKey created = RunKey.Create(KeyPath, new SystemSecureRandom());
        using RunKey loaded = RunKey.Load(KeyPath);
        foreach (long step in new[] { 7L, 1, 40 })
        {
            Assert.Equal(KeyOf(created, KeyPurpose.Noise, step), KeyOf(loaded, KeyPurpose.Noise, step));
            Assert.NotEqual(KeyOf(created, KeyPurpose.Noise, step), KeyOf(loaded, KeyPurpose.Sampling, step));
            Assert.NotEqual(KeyOf(created, KeyPurpose.Noise, step), KeyOf(loaded, KeyPurpose.Noise, step + 1));
        }

        Assert.Equal(created.StreamForEpoch(3).NextUInt64(), loaded.StreamForEpoch(3).NextUInt64());
    }

    [Fact]
    public void Advancing_forgets_earlier_steps_in_memory_and_on_the_disk_and_keeps_later_ones()
    {
        using RunKey key = RunKey.Create(KeyPath, new SystemSecureRandom());
        byte[] before = KeyOf(key, KeyPurpose.Noise, 12);
        byte[] sealedBefore = File.ReadAllBytes(KeyPath);
        ulong epoch = key.StreamForEpoch(0).NextUInt64();
        key.Advance(10);
        using RunKey loaded = RunKey.Load(KeyPath);
        Assert.Equal(10, loaded.Step);
        Assert.Equal(before, KeyOf(key, KeyPurpose.Noise, 12));
        Assert.Equal(before, KeyOf(loaded, KeyPurpose.Noise, 12));
        Assert.Equal(epoch, loaded.StreamForEpoch(0).NextUInt64());
        Assert.Throws<InvalidOperationException>(() => KeyOf(loaded, KeyPurpose.Noise, 9));
        Assert.False(Contains(File.ReadAllBytes(KeyPath), sealedBefore.AsSpan(16, 32)));
    }

    [Fact]
    public void The_sealed_file_is_for_its_owner_only_and_gone_at_the_end()
    {
        RunKey key = RunKey.Create(KeyPath, new SystemSecureRandom());
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(KeyPath));
        }

        Assert.Throws<EnvironmentException>(() => RunKey.Create(KeyPath, new SystemSecureRandom()));
        key.Delete();
        Assert.False(File.Exists(KeyPath));
        Assert.Throws<PrivacyRefusedException>(() => RunKey.Load(KeyPath));
        Assert.Throws<InvalidOperationException>(() => KeyOf(key, KeyPurpose.Noise, 1));
    }

    [Fact]
    public void A_damaged_file_is_refused_without_showing_its_content()
    {
        RunKey.Create(KeyPath, new SystemSecureRandom()).Dispose();
        byte[] bytes = File.ReadAllBytes(KeyPath);
        for (int cut = 0; cut < bytes.Length; cut += 7)
        {
            File.WriteAllBytes(KeyPath, bytes[..cut]);
            Assert.Throws<PrivacyRefusedException>(() => RunKey.Load(KeyPath));
        }

        bytes[20] ^= 1;
        File.WriteAllBytes(KeyPath, bytes);
        Assert.Contains("damaged", Assert.Throws<PrivacyRefusedException>(() => RunKey.Load(KeyPath)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Seeded_keys_are_equal_for_equal_seeds_and_say_that_they_are_for_tests()
    {
        using RunKey a = RunKey.FromInsecureSeed(new InsecureSeed(5));
        using RunKey b = RunKey.FromInsecureSeed(new InsecureSeed(5));
        using RunKey c = RunKey.FromInsecureSeed(new InsecureSeed(6));
        Assert.Equal(NoiseSource.SeededForTests, a.Source);
        Assert.Equal(KeyOf(a, KeyPurpose.Noise, 3), KeyOf(b, KeyPurpose.Noise, 3));
        Assert.NotEqual(KeyOf(a, KeyPurpose.Noise, 3), KeyOf(c, KeyPurpose.Noise, 3));
        Assert.Equal("RunKey (SeededForTests, 32 bytes)", a.ToString());
        Assert.DoesNotContain("5", new InsecureSeed(5).ToString(), StringComparison.Ordinal);
    }

    private static byte[] KeyOf(RunKey key, string purpose, long step)
    {
        byte[] bytes = new byte[32];
        key.KeyFor(purpose, step, bytes);
        return bytes;
    }

    private static bool Contains(ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> part) => bytes.IndexOf(part) >= 0;
}
