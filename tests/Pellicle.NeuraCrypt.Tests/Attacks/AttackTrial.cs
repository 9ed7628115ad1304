using Pellicle.Core.Random;
using Pellicle.Data;
using Pellicle.NeuraCrypt.Attacks;
using Pellicle.NeuraCrypt.Encoders;
using Pellicle.NeuraCrypt.Release;
using Pellicle.Tensors;

namespace Pellicle.NeuraCrypt.Tests.Attacks;

/// <summary>A gallery, a victim under a fresh key, and an attacker, for tests. Everything is freed with it.</summary>
internal sealed class AttackTrial : IDisposable
{
    /// <summary>Small enough for seconds, deep enough not to be trivial.</summary>
    public static readonly EncoderArchitecture Small = new() { Depth = 4, PatchSize = 8, HiddenDim = 256, ImageSize = 64 };

    private readonly TensorScope _scope = TensorScope.Open();
    private readonly ImageBatches _images;
    private readonly IRowEncoder _victim;

    public AttackTrial(EncoderArchitecture architecture, int count, AttackBudget? budget = null, string source = "synth:xray", IEncoderFamily? family = null)
    {
        _images = new ImageBatches(source, new DatasetOptions(), architecture, 2);
        var random = new SystemSecureRandom();
        int[] records = [.. _images.Dataset.IndicesOf(SplitName.Test).Concat(_images.Dataset.IndicesOf(SplitName.Train))];
        Gallery = AttackGallery.Read(records.Select(record => (_images, record)), count);
        Scene = new AttackScene(family ?? new NeuraCryptFamily(architecture, random), Gallery, budget ?? new AttackBudget(), random)
        {
            Labels = [.. Gallery.Records.Select(record => _images.Dataset.Records[record].Label)],
        };
        _victim = Scene.Family.Draw(Gallery.Batches);
        Target = AttackTarget.Of("key 1", _victim, Gallery, count, random);
    }

    public AttackGallery Gallery { get; }

    public AttackScene Scene { get; }

    public AttackTarget Target { get; }

    /// <summary>Rows of the victim in the order of the patches, images in the order of the gallery.</summary>
    public Tensor Unshuffled() => Tensor.Concatenate(0, [.. Gallery.Batches.Select(_victim.Encode)]);

    /// <summary>The same pictures in two places of a source.</summary>
    public AttackGallery WithEveryPictureTwice() => AttackGallery.Read(Gallery.Records.Concat(Gallery.Records).Select(record => (_images, record)), int.MaxValue);

    public EncodingAttackResult Run(params EncodingAttack[] attacks) => new EncodingAttackSuite(TimeProvider.System).Run(Scene, [Target], attacks, "test");

    public void Dispose()
    {
        Scene.Dispose();
        _victim.Dispose();
        _images.Dispose();
        _scope.Dispose();
    }
}
