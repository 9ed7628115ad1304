using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Pellicle.Core.Errors;

namespace Pellicle.Mpc.Kits;

/// <summary>Self-signed P-256 certificates that are pinned: a peer is who it says if its certificate is byte for byte the one in the kit. No authority, no names, no system trust.</summary>
public static class PartyCertificate
{
    private static readonly TimeSpan Validity = TimeSpan.FromDays(3650);

    /// <summary>Makes a key and its certificate.</summary>
    /// <param name="name">Common name, such as <c>pellicle party 1</c>.</param>
    /// <param name="now">Start of the validity.</param>
    /// <returns>The certificate with its private key.</returns>
    public static X509Certificate2 Create(string name, DateTimeOffset now)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));

        // Server and client authentication: between two parties either may be the one that calls.
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1"), new Oid("1.3.6.1.5.5.7.3.2")], false));
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        return request.CreateSelfSigned(now.AddHours(-1), now.Add(Validity));
    }

    /// <summary>SHA-256 of the certificate, hexadecimal.</summary>
    /// <param name="certificate">Any certificate.</param>
    public static string Fingerprint(X509Certificate certificate)
    {
        ArgumentNullException.ThrowIfNull(certificate);
        return Convert.ToHexStringLower(SHA256.HashData(certificate.GetRawCertData()));
    }

    /// <summary>True if what a peer presented is the pinned certificate.</summary>
    /// <param name="presented">From the TLS handshake; null if the peer gave none.</param>
    /// <param name="pinned">Fingerprint of the one in the kit.</param>
    public static bool IsPinned(X509Certificate? presented, string pinned) => presented is not null && Fingerprint(presented) == pinned;

    /// <summary>Reads a certificate without key.</summary>
    /// <param name="path">PEM file.</param>
    /// <exception cref="DataFormatException">Missing or damaged.</exception>
    public static X509Certificate2 Read(string path) => Guarded(path, () => X509CertificateLoader.LoadCertificate(PemBytes(File.ReadAllText(path))));

    /// <summary>Reads a certificate with its key.</summary>
    /// <param name="certificatePath">PEM file of the certificate.</param>
    /// <param name="keyPath">PEM file of the key; may be the same file.</param>
    /// <exception cref="DataFormatException">Missing, damaged, or key and certificate do not belong together.</exception>
    public static X509Certificate2 ReadWithKey(string certificatePath, string keyPath) => Guarded(keyPath, () => X509Certificate2.CreateFromPemFile(certificatePath, keyPath));

    private static byte[] PemBytes(string pem)
    {
        PemFields fields = PemEncoding.Find(pem);
        return Convert.FromBase64String(pem[fields.Base64Data]);
    }

    private static X509Certificate2 Guarded(string path, Func<X509Certificate2> read)
    {
        try
        {
            return read();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException or FormatException)
        {
            throw new DataFormatException($"{path}: no usable PEM certificate or key ({e.Message.Split('\n')[0]})", "Copy the kit folder again, or write new kits: pellicle mpc plan MODEL --out kits.", inner: e);
        }
    }
}
