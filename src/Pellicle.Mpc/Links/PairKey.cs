using System.Buffers.Binary;
using System.Security.Cryptography;
using Pellicle.Mpc.Core;

namespace Pellicle.Mpc.Links;

/// <summary>The key of two parties for one session, from fresh contributions of both.</summary>
/// <remarks>HKDF-SHA256 (RFC 5869): input keying material = contribution of the lower party, then of the higher one; salt = their boot nonces in the same order;
/// info = label, plan hash, session id, key index. One honest end with a good generator is enough for a fresh key; a session id, even if it came twice, never gives the same key.</remarks>
internal static class PairKey
{
    private static ReadOnlySpan<byte> Label => "pellicle pair key 1"u8;

    public static byte[] Derive(PairKeyInputs inputs)
    {
        byte[] material = [.. inputs.LowContribution, .. inputs.HighContribution];
        byte[] salt = [.. inputs.LowNonce, .. inputs.HighNonce];
        byte[] index = new byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(index, inputs.Index);
        byte[] info = [.. Label, .. inputs.PlanHash, .. inputs.Session, .. index];
        byte[] key = HKDF.DeriveKey(HashAlgorithmName.SHA256, material, PairwiseSeed.KeyBytes, salt, info);
        CryptographicOperations.ZeroMemory(material);
        return key;
    }
}

/// <summary>What a pair's key is made of.</summary>
/// <param name="PlanHash">32 bytes.</param>
/// <param name="Session">16 bytes.</param>
/// <param name="Index">Key index: number of the slot that both hold.</param>
/// <param name="LowContribution">32 bytes of the party with the lower number.</param>
/// <param name="HighContribution">32 bytes of the other.</param>
/// <param name="LowNonce">Boot nonce of the party with the lower number.</param>
/// <param name="HighNonce">Boot nonce of the other.</param>
internal readonly record struct PairKeyInputs(byte[] PlanHash, byte[] Session, int Index, byte[] LowContribution, byte[] HighContribution, byte[] LowNonce, byte[] HighNonce)
{
    public override string ToString() => $"inputs of key {Index}";
}
