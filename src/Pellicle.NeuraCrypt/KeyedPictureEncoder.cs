using Pellicle.Core.Errors;
using Pellicle.Core.Random;
using Pellicle.Data;
using Pellicle.Data.Encodings;
using Pellicle.NeuraCrypt.Encoders;
using Pellicle.NeuraCrypt.Keys;
using Pellicle.NeuraCrypt.Release;
using Pellicle.Tensors;
using Pellicle.Training;
using Pellicle.Training.Configuration;
using Pellicle.Training.Runs;

namespace Pellicle.NeuraCrypt;

/// <summary>An encoder for training on the fly: the owner of key and pictures trains without a public folder. No formal guarantee: see <see cref="HonestWording"/>.</summary>
public sealed class KeyedPictureEncoder : IPictureEncoder
{
    private readonly EncoderKey _key;
    private readonly PrivateEncoder _encoder;

    private KeyedPictureEncoder(EncoderKey key)
    {
        _key = key;
        _encoder = key.OpenEncoder();
    }

    /// <inheritdoc/>
    public string KeyId => _key.KeyId;

    /// <inheritdoc/>
    public EncodingLayout Layout => new(_key.Architecture.Patches, _key.Architecture.HiddenDim, [], _key.Architecture.ImageSize, _key.Architecture.Channels, _key.Architecture.Kind == EncoderKind.Linear);

    /// <inheritdoc/>
    public ImageTransform Transform => ImageBatches.TransformOf(_key.Architecture);

    /// <summary>Opens the key of a run; a key without frozen statistics gets them from the training images of the run.</summary>
    /// <param name="config">Settings with <c>data.encodeWith</c> and the source.</param>
    /// <param name="passphrase">Of the key; null for unsealed keys.</param>
    /// <param name="threads">Threads that decode.</param>
    /// <exception cref="PellicleException">Unusable key or data, or a key whose encodings depend on their batch.</exception>
    public static KeyedPictureEncoder Open(TrainConfig config, Passphrase? passphrase, int threads)
    {
        ArgumentNullException.ThrowIfNull(config);
        string file = config.Data.EncodeWith ?? throw new ArgumentException("No key is named.", nameof(config));
        EncoderKey key = EncoderKey.Open(file, passphrase);
        try
        {
            if (key.Architecture is { Normalisation: EncoderNormalisation.Batch, Depth: > 0 })
            {
                throw new UsageException($"the key '{file}' normalises by the batch: an encoding depends on which pictures are encoded with it, so it cannot be made on the fly.", "Use a key with --norm frozen, or train on the folder of 'encode run'.");
            }

            if (key.NeedsCalibration)
            {
                string source = config.Data.Source ?? throw new UsageException($"the key '{file}' has no frozen statistics yet.", "They are measured on the owner's images: run 'encode run' or 'train --encode-with' first.");
                using var images = new ImageBatches(source, RunConfig.DatasetOptions(config), key.Architecture, threads);
                KeyCalibration.Ensure(key, images, images.Dataset.RequireSplit(SplitName.Train), file, passphrase, new SystemSecureRandom());
            }

            return new KeyedPictureEncoder(key);
        }
        catch
        {
            key.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public Tensor Encode(Tensor images) => _encoder.Encode(images);

    /// <inheritdoc/>
    public void Dispose()
    {
        _encoder.Dispose();
        _key.Dispose();
    }
}
