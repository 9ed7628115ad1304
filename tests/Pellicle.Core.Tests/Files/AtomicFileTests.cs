using System.Runtime.Versioning;
using Pellicle.Core.Files;

namespace Pellicle.Core.Tests.Files;

[UnsupportedOSPlatform("windows")]
public sealed class AtomicFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("pellicle-core").FullName;

    public void Dispose() => Directory.Delete(_folder, true);

    [Fact]
    public void A_writer_that_fails_leaves_the_old_file_and_nothing_beside_it()
    {
        string path = Path.Combine(_folder, "a.txt");
        AtomicFile.WriteAllText(path, "old");
        Assert.Throws<InvalidOperationException>(() => AtomicFile.Write(path, stream =>
        {
            stream.Write("new"u8);
            throw new InvalidOperationException("the writer fails half-way");
        }));
        Assert.Equal("old", File.ReadAllText(path));
        Assert.Equal([path], Directory.GetFiles(_folder));
    }

    [Fact]
    public void The_mode_of_a_secret_file_is_set_before_it_has_content()
    {
        string path = Path.Combine(_folder, "key");
        const UnixFileMode Secret = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        UnixFileMode whileWriting = default;
        AtomicFile.Write(path, stream => whileWriting = File.GetUnixFileMode(((FileStream)stream).Name), Secret);
        Assert.Equal(Secret, whileWriting);
        Assert.Equal(Secret, File.GetUnixFileMode(path));
    }

    [Fact]
    public void Text_is_utf8_without_a_byte_order_mark()
    {
        string path = Path.Combine(_folder, "a.txt");
        AtomicFile.WriteAllText(path, "ε");
        Assert.Equal([0xCE, 0xB5], File.ReadAllBytes(path));
    }
}
