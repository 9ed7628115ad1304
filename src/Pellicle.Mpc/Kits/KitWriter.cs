using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using Pellicle.Core.Errors;
using Pellicle.Core.Random;
using Pellicle.Formats.Json;
using Pellicle.Mpc.Core;
using Pellicle.Mpc.Protocols;

namespace Pellicle.Mpc.Kits;

/// <summary>Writes the folders that the model owner gives out: one a party, one for the client, one to keep.</summary>
/// <remarks>The weights are shared once, here. Everything is written under a temporary name and renamed as a whole, so a started party never sees half a kit.
/// Files can be read by their owner only (0600). Whoever runs this sees the keys of all parties: move the folders, and keep no copy.</remarks>
/// <param name="random">The cryptographic generator.</param>
/// <param name="clock">For certificates and the record.</param>
public sealed class KitWriter(ISecureRandom random, TimeProvider clock)
{
    internal const string PlanFile = "plan.json";
    internal const string ManifestFile = "kit.json";
    internal const string CertificateFile = "party.crt";
    internal const string KeyFile = "party.key";
    internal const int FirstPeerPort = 7100;
    internal const int FirstHttpPort = 7200;

    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const int TokenBytes = 32;

    /// <summary>Name of a party's folder, such as <c>party1</c>.</summary>
    /// <param name="party">The party.</param>
    public static string FolderOf(PartyId party) => $"party{party.Index}";

    /// <summary>Writes all folders.</summary>
    /// <param name="folder">New folder for them.</param>
    /// <param name="request">What goes in.</param>
    /// <exception cref="UsageException">The folder exists and is not to be replaced.</exception>
    /// <exception cref="EnvironmentException">The folder cannot be written.</exception>
    public void Write(string folder, KitRequest request)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        ArgumentNullException.ThrowIfNull(request);
        string target = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        if (Path.Exists(target) && !request.Overwrite)
        {
            throw new UsageException($"'{folder}' exists; kits are never written over silently.", "Give another --out, or --yes to replace it: parties that run with the old kits will refuse the new ones.");
        }

        string temporary = $"{target}.new-{RandomNumberGenerator.GetHexString(8, lowercase: true)}";
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            WriteAll(temporary, request);
            Rename(temporary, target);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new EnvironmentException($"cannot write kits to '{folder}': {e.Message}", "Check that the folder is writable and has free space, or give another --out.", inner: e);
        }
        finally
        {
            if (Directory.Exists(temporary))
            {
                Directory.Delete(temporary, recursive: true);
            }
        }
    }

    private void WriteAll(string root, KitRequest request)
    {
        DateTimeOffset now = clock.GetUtcNow();
        X509Certificate2[] certificates = [.. PartyId.All.Select(party => request.Certificates.TryGetValue(party, out string? file) ? PartyCertificate.Read(file) : PartyCertificate.Create(NameOf(party), now))];
        string[] tokens = [.. PartyId.All.Select(_ => Convert.ToHexStringLower(Draw(TokenBytes)))];
        WeightSlot[] weights = WriteWeights(root, request);
        byte[] plan = request.Plan([.. weights.Select(slot => slot.Sha256)]);
        foreach (PartyId party in PartyId.All)
        {
            string home = Folder(root, FolderOf(party));
            WriteBytes(home, PlanFile, plan);
            WriteCertificate(home, certificates[party.Index]);

            foreach (PartyId peer in new[] { party.Next, party.Previous })
            {
                WriteText(home, CertificateOf(peer), certificates[peer.Index].ExportCertificatePem());
            }

            var client = new AllowedClient("client", Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(tokens[party.Index]))));
            WriteJson(home, ManifestFile, new PartyManifest(1, party.Index, [.. request.Protocol.Scheme().Weights.Holders[party.Index].Select(slot => weights[slot])], [client], request.Protocol.Name()));
            WriteText(home, "start.txt", StartCommand(party, request.Hosts) + "\n");
        }

        WriteBytes(Folder(root, ""), PlanFile, plan);
        string forClient = Folder(root, "client");
        WriteBytes(forClient, PlanFile, plan);
        WriteJson(forClient, ManifestFile, new ClientManifest(1, [.. PartyId.All.Select(party => new PartyAccess($"https://{request.Hosts[party.Index]}:{FirstHttpPort + party.Index}", tokens[party.Index]))]));
        foreach (PartyId party in PartyId.All)
        {
            WriteText(forClient, CertificateOf(party), certificates[party.Index].ExportCertificatePem());
        }

        WriteJson(Folder(root, "owner"), "record.json", new OwnerRecord(Convert.ToHexStringLower(SHA256.HashData(plan)), now, [.. certificates.Select(PartyCertificate.Fingerprint)], [.. weights.Select(slot => slot.Sha256)]));
        Array.ForEach(certificates, certificate => certificate.Dispose());
    }

    /// <summary>Makes key and certificate of one party, on its own machine: <c>party.key</c> stays there, <c>party.crt</c> goes to whoever writes the kits.</summary>
    /// <param name="folder">The folder; the party's kit is copied into it later.</param>
    /// <param name="party">The party.</param>
    /// <returns>Path of the certificate.</returns>
    /// <exception cref="UsageException">The folder holds a key already.</exception>
    /// <exception cref="EnvironmentException">The folder cannot be written.</exception>
    public string WriteIdentity(string folder, PartyId party)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        if (File.Exists(Path.Combine(folder, KeyFile)))
        {
            throw new UsageException($"'{folder}' holds the key of a party already.", "Give another folder: who replaces a key locks out the kits that name its certificate.");
        }

        try
        {
            using X509Certificate2 certificate = PartyCertificate.Create(NameOf(party), clock.GetUtcNow());
            WriteCertificate(Folder(folder, ""), certificate);
            return Path.Combine(folder, CertificateFile);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new EnvironmentException($"cannot write to '{folder}': {e.Message}", "Give a new folder.", inner: e);
        }
    }

    internal static string CertificateOf(PartyId party) => $"party{party.Index}.crt";

    // Every holder of a slot gets its own copy: a seed, or the data.
    private WeightSlot[] WriteWeights(string root, KitRequest request)
    {
        ShareLayout layout = request.Protocol.Scheme().Weights;
        byte[][] seeds = [.. layout.Slots.Select(slot => slot.IsSeed ? Draw(PairwiseSeed.KeyBytes) : [])];
        string[] names = [.. layout.Slots.Select((slot, s) => $"weights.{(slot.IsSeed ? "seed" : "slot")}{s}")];
        var files = new List<(int Slot, Stream File)>();
        try
        {
            foreach ((int party, IReadOnlyList<int> held) in layout.Holders.Index())
            {
                files.AddRange(held.Select(slot => (slot, (Stream)Create(Folder(root, FolderOf(new PartyId(party))), names[slot]))));
            }

            WriteSlots(layout, seeds, request.Secrets, files);
        }
        finally
        {
            files.ForEach(one => one.File.Dispose());
        }

        WeightSlot[] slots = [.. layout.Slots.Select((slot, s) =>
        {
            int holder = layout.Holders.Index().First(held => held.Item.Contains(s)).Index;
            using FileStream file = File.OpenRead(Path.Combine(root, FolderOf(new PartyId(holder)), names[s]));
            return new WeightSlot(s, slot.IsSeed ? WeightShares.SeedKind : WeightShares.DataKind, names[s], Convert.ToHexStringLower(SHA256.HashData(file)));
        })];
        Array.ForEach(seeds, seed => CryptographicOperations.ZeroMemory(seed));
        return slots;
    }

    private static void WriteSlots(ShareLayout layout, byte[][] seeds, IEnumerable<ulong[]> secrets, List<(int Slot, Stream File)> files)
    {
        files.ForEach(one => one.File.Write(seeds[one.Slot]));
        foreach ((int stream, ulong[] secret) in secrets.Index())
        {
            ulong[][] values = layout.Values(secret, slot => ShareExpansion.Slot(seeds[slot], (uint)stream, secret.Length));
            foreach ((int slot, Stream file) in files.Where(one => !layout.Slots[one.Slot].IsSeed))
            {
                file.Write(MemoryMarshal.AsBytes(values[slot].AsSpan()));
            }
        }
    }

    private static string StartCommand(PartyId party, IReadOnlyList<string> hosts)
    {
        string peers = string.Join(' ', PartyId.All.Where(peer => peer != party).Select(peer => $"--peer {peer.Index}={hosts[peer.Index]}:{FirstPeerPort + peer.Index}"));
        string bind = hosts.All(host => host is "127.0.0.1" or "localhost") ? "127.0.0.1" : "0.0.0.0";
        return $"pellicle mpc party --plan {PlanFile} --id {party.Index} --listen {bind}:{FirstPeerPort + party.Index} {peers} --http {bind}:{FirstHttpPort + party.Index}";
    }

    private static string NameOf(PartyId party) => $"pellicle party {party.Index}";

    // The key only if it was made here.
    private static void WriteCertificate(string folder, X509Certificate2 certificate)
    {
        WriteText(folder, CertificateFile, certificate.ExportCertificatePem());
        if (certificate.HasPrivateKey)
        {
            using ECDsa key = certificate.GetECDsaPrivateKey()!;
            WriteText(folder, KeyFile, key.ExportPkcs8PrivateKeyPem());
        }
    }

    private byte[] Draw(int count)
    {
        byte[] bytes = new byte[count];
        random.Fill(bytes);
        return bytes;
    }

    private static string Folder(string root, string name)
    {
        string path = Path.Combine(root, name);
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(path);
        }
        else
        {
            Directory.CreateDirectory(root, OwnerOnly | UnixFileMode.UserExecute);
            Directory.CreateDirectory(path, OwnerOnly | UnixFileMode.UserExecute);
        }

        return path;
    }

    private static FileStream Create(string folder, string name)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Share = FileShare.None };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = OwnerOnly;
        }

        return new FileStream(Path.Combine(folder, name), options);
    }

    private static void WriteBytes(string folder, string name, byte[] bytes)
    {
        using Stream file = Create(folder, name);
        file.Write(bytes);
    }

    private static void WriteText(string folder, string name, string text) => WriteBytes(folder, name, Encoding.UTF8.GetBytes(text));

    private static void WriteJson<T>(string folder, string name, T document) => WriteText(folder, name, JsonSerializer.Serialize(document, PellicleJson.Indented) + "\n");

    private static void Rename(string temporary, string target)
    {
        if (!Path.Exists(target))
        {
            Directory.Move(temporary, target);
            return;
        }

        if (!Directory.Exists(target))
        {
            throw new IOException("a file of that name exists.");
        }

        // Only what this class wrote may be replaced: --yes must not delete somebody's data.
        if (!File.Exists(Path.Combine(target, "owner", "record.json")) && Directory.EnumerateFileSystemEntries(target).Any())
        {
            throw new UsageException($"'{target}' is not a kit folder; --yes replaces kit folders only.", "Give another --out.");
        }

        string old = temporary.Replace(".new-", ".old-", StringComparison.Ordinal);
        Directory.Move(target, old);
        Directory.Move(temporary, target);
        Directory.Delete(old, recursive: true);
    }
}
