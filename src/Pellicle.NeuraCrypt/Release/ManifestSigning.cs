using System.Security.Cryptography;
using System.Text.Json;
using Pellicle.Core.Errors;
using Pellicle.Formats.Json;

namespace Pellicle.NeuraCrypt.Release;

/// <summary>Signs manifests (FIPS 186-5, ECDSA over P-256 with SHA-256). The shards are covered by their hashes in the manifest.</summary>
internal static class ManifestSigning
{
    private const string Algorithm = "ecdsa-p256-sha256";

    public static EncodedManifest Sign(EncodedManifest manifest, string keyFile)
    {
        using ECDsa key = Read(keyFile);
        string publicKey = Convert.ToBase64String(key.ExportSubjectPublicKeyInfo());
        return manifest with { Signature = new ManifestSignature(Algorithm, publicKey, Convert.ToBase64String(key.SignData(Signed(manifest), HashAlgorithmName.SHA256))) };
    }

    /// <summary>True or false for signed manifests, null for others.</summary>
    public static bool? IsValid(EncodedManifest manifest)
    {
        if (manifest.Signature is not { } signature)
        {
            return null;
        }

        try
        {
            using var key = ECDsa.Create();
            key.ImportSubjectPublicKeyInfo(Convert.FromBase64String(signature.PublicKey), out _);
            return signature.Algorithm == Algorithm && key.KeySize == 256 && key.VerifyData(Signed(manifest), Convert.FromBase64String(signature.Value), HashAlgorithmName.SHA256);
        }
        catch (Exception e) when (e is CryptographicException or FormatException)
        {
            return false;
        }
    }

    private static byte[] Signed(EncodedManifest manifest) => JsonSerializer.SerializeToUtf8Bytes(manifest with { Signature = null }, PellicleJson.Line);

    private static ECDsa Read(string file)
    {
        var key = ECDsa.Create();
        try
        {
            key.ImportFromPem(File.ReadAllText(file));
            return key.KeySize == 256 ? key : throw new CryptographicException("another curve");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException)
        {
            key.Dispose();
            throw new DataFormatException($"--sign: '{file}' is no PEM file with an unencrypted P-256 key.", "Make one with: openssl ecparam -name prime256v1 -genkey -noout -out sign.pem", inner: e);
        }
    }
}
