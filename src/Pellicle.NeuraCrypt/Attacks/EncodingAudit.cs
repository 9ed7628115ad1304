using Pellicle.Core.Random;
using Pellicle.NeuraCrypt.Encoders;
using Pellicle.Tensors;

namespace Pellicle.NeuraCrypt.Attacks;

/// <summary>The gate of <c>encode run</c>: both controls and attacks that need candidate pictures alone, on encodings as they would be published.</summary>
/// <remarks>Carlini et al. 2021, arXiv 2108.07256, solve the public challenge completely with more effort: a low rating here proves nothing.</remarks>
internal sealed class EncodingAudit(TimeProvider clock, ISecureRandom random)
{
    /// <summary>Most encodings that the gate attacks.</summary>
    public const int QuickImages = 128;

    /// <summary>Most candidates of the gate that were not encoded.</summary>
    public const int QuickOthers = 384;

    private static readonly string[] Quick = ["fingerprint"];
    private static readonly string[] Full = ["fingerprint", "matching", "mmd", "contrastive"];
    private static readonly string[] FullOfLinear = ["fingerprint", "mmd"];

    /// <summary>Attacks encodings of pictures that the attacker's gallery holds.</summary>
    /// <param name="architecture">The public family.</param>
    /// <param name="encoder">As it would publish: the rows of a picture are shuffled by the audit once more, which changes nothing.</param>
    /// <param name="gallery">The pictures, and perhaps others after them.</param>
    /// <param name="encoded">Pictures at the start of the gallery that are attacked.</param>
    /// <param name="source">Where they come from, for the result.</param>
    /// <param name="isFull">Attacks that train networks too.</param>
    public EncodingAttackResult Run(EncoderArchitecture architecture, IRowEncoder encoder, AttackGallery gallery, int encoded, string source, bool isFull = false)
    {
        using TensorScope scope = TensorScope.Open();
        using var scene = new AttackScene(new NeuraCryptFamily(architecture, random), gallery, new AttackBudget(), random);
        return new EncodingAttackSuite(clock).Run(scene, [AttackTarget.Of("release", encoder, gallery, encoded, random)], AttackCatalog.Make(!isFull ? Quick : architecture.Kind == EncoderKind.Linear ? FullOfLinear : Full, 256), source);
    }
}
