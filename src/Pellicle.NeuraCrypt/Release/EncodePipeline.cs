using Pellicle.Core.Errors;
using Pellicle.Core.Files;
using Pellicle.Core.Random;
using Pellicle.Data;
using Pellicle.Native;
using Pellicle.NeuraCrypt.Attacks;
using Pellicle.NeuraCrypt.Encoders;
using Pellicle.NeuraCrypt.Keys;
using Pellicle.NeuraCrypt.Noise;
using Pellicle.Nn;
using Pellicle.Tensors;

namespace Pellicle.NeuraCrypt.Release;

/// <summary>Makes a release: check folders → open key → read images → calibrate → audit and gate → draw ids, seal the map → encode → manifest → note the use.</summary>
/// <remarks>The audit comes before the encoding of all images: a refusal then costs a minute, and nothing was ever written to the public folder.</remarks>
public sealed class EncodePipeline
{
    private readonly TimeProvider _clock;
    private readonly Action<string> _warn;
    private readonly Action<int, int> _progress;
    private readonly SystemSecureRandom _random = new();

    /// <summary>Makes a pipeline.</summary>
    /// <param name="clock">Dates and stopwatch.</param>
    /// <param name="warn">Takes warnings.</param>
    /// <param name="progress">Takes images done and images in all.</param>
    public EncodePipeline(TimeProvider clock, Action<string> warn, Action<int, int> progress)
    {
        _clock = clock;
        _warn = warn;
        _progress = progress;
    }

    /// <summary>Runs it.</summary>
    /// <param name="request">What, with which key, where to.</param>
    /// <param name="passphrase">Of the key; null for unsealed keys.</param>
    /// <param name="cancellation">Looked at between batches; a rerun goes on after the last whole file.</param>
    /// <returns>The result; <see cref="EncodeResult.Refusal"/> is set if the gate refused and nothing was published.</returns>
    /// <exception cref="PellicleException">Unusable data, key or folders.</exception>
    /// <exception cref="ControlFailedException">A control of the audit failed: there is no rating.</exception>
    public EncodeResult Run(EncodeRequest request, Passphrase? passphrase, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        long start = _clock.GetTimestamp();
        NativeRuntime.Start(request.Threads);
        FolderSeparation.Require(request.PublicFolder, request.SecretFolder, request.KeyFile, request.Source);
        using EncoderKey key = EncoderKey.Open(request.KeyFile, passphrase);
        RefuseOtherContent(request.PublicFolder);
        if (request.Precision == ProductPrecision.Bfloat16 && key.Architecture is { Normalisation: EncoderNormalisation.Batch, Depth: > 0 })
        {
            throw new UsageException("--precision is bfloat16, but the key normalises by the batch, as the reference, in float32.", "Use a key with --norm frozen.");
        }

        using var images = new ImageBatches(request.Source, request.Options, key.Architecture, request.Threads);
        foreach (string warning in images.Dataset.Warnings)
        {
            _warn(warning);
        }

        WarnOfSecondUse(key, images.Dataset.Fingerprint);
        int[] records = [.. Enumerable.Range(0, images.Dataset.Records.Count).Where(r => request.Include?.Invoke(images.Dataset.Records[r]) ?? true)];
        PublishedLabels labels = PublishedLabels.Of(request, images.Dataset.Classes);
        KeyCalibration.Ensure(key, images, records, request.KeyFile, passphrase, _random);
        ImageGaussianMechanism? noise = request.Noise?.MechanismFor(key.Architecture, request.Type, request.PadCount);
        if (noise is not null && key.Uses.Count > 0)
        {
            _warn("the key was used before: if any of these images was released then, this is a further release, and their costs add up");
        }

        using IRowEncoder encoder = noise is null ? key.OpenEncoder(request.Precision) : new NoisedEncoder(key.OpenEncoder(request.Precision), noise, _random);
        using SecretBytes shuffleKey = key.Subkey("shuffle/v1");
        var publisher = new EncodingPublisher(encoder, key.Architecture, request.Shuffle, request.Type, shuffleKey, _random);
        Int8Scale? scale = request.Type == EncodingType.Int8 ? Int8Scale.Of(request.PublicFolder, publisher, images, records, _random) : null;
        publisher.Scale = scale?.Values;
        EncodingAttackResult? audit = request.Audit == AuditLevel.Off ? null : Audit(request, key.Architecture, encoder, images, records);
        EncodeResult result = Describe(request, key, publisher, audit) with { Noise = noise?.Guarantee };
        if (Gate(request, audit, records.Length) is { } refusal)
        {
            return result with { Refusal = refusal, SecondsTotal = _clock.GetElapsedTime(start).TotalSeconds };
        }

        ReleaseMap map = MapOf(request, key, images, records);
        long encoding = _clock.GetTimestamp();
        scale?.Save(request.PublicFolder);
        (map, IReadOnlyList<EncodedShard> shards) = new ShardWriter(publisher, images, map, request, _progress).Write(changed => changed.Save(request.SecretFolder, key, _random), cancellation);
        double seconds = _clock.GetElapsedTime(encoding).TotalSeconds;
        AcceptedRisk? accepted = request.AcceptedReason is { } reason ? new AcceptedRisk(reason, _clock.GetUtcNow()) : null;
        byte[] table = PublicTables.LabelsOf(images.Dataset, map, labels);
        EncodedManifest manifest = Manifest(request, key, images.Dataset, map, labels, shards, audit, accepted) with { Scale = scale?.File, LabelsSha256 = FileHash.Of(table), Noise = noise?.Guarantee };
        PublicTables.Write(request.PublicFolder, table, request.SigningKey is { } signer ? ManifestSigning.Sign(manifest, signer) : manifest);
        int encoded = map.Entries.Count(e => e.Mixture is null);
        key.AddUse(new KeyUse(_clock.GetUtcNow(), images.Dataset.Fingerprint, encoded));
        key.Save(request.KeyFile, passphrase, _random);
        return result with
        {
            Images = encoded,
            Padding = map.Entries.Count - encoded,
            Skipped = map.Skipped,
            Shards = shards.Count,
            Bytes = shards.Sum(shard => new FileInfo(Path.Combine(request.PublicFolder, shard.File)).Length),
            Manifest = Path.Combine(request.PublicFolder, EncodedManifest.FileName),
            Accepted = accepted is not null,
            SecondsTotal = _clock.GetElapsedTime(start).TotalSeconds,
            ImagesPerSecond = map.Entries.Count / Math.Max(seconds, 1e-9),
        };
    }

    private static void RefuseOtherContent(string folder)
    {
        if (File.Exists(Path.Combine(folder, EncodedManifest.FileName)))
        {
            throw new UsageException($"--out '{folder}' holds a finished release.", "Give a new folder.");
        }
    }

    private void WarnOfSecondUse(EncoderKey key, string fingerprint)
    {
        if (key.Uses.Any(use => use.DatasetHash != fingerprint))
        {
            _warn($"the key {key.KeyId} has encoded another data set before: one leaked picture-encoding set gives away both. Make one key per release");
        }
    }

    private EncodingAttackResult? Audit(EncodeRequest request, EncoderArchitecture architecture, IRowEncoder encoder, ImageBatches images, int[] records)
    {
        using TensorScope scope = TensorScope.Open();
        using ImageBatches? others = request.Gallery is { } source ? new ImageBatches(source, request.Options with { ForInspection = true }, architecture, request.Threads) : null;
        AttackGallery gallery = AttackGallery.Read(PatchShuffle.Draw(records.Length, _random).Where(i => images.Unreadable(records[i]) is null).Select(i => (images, records[i])), EncodingAudit.QuickImages);
        int encoded = gallery.Count;
        if (encoded < AttackBudget.FewestImages)
        {
            _warn($"{encoded} different images are too few for an audit (at least {AttackBudget.FewestImages}): no rating");
            return null;
        }

        if (others is not null)
        {
            gallery = gallery.With(PatchShuffle.Draw(others.Dataset.Records.Count, _random).Select(i => (others, i)), EncodingAudit.QuickOthers);
        }

        EncodingAttackResult result = new EncodingAudit(_clock, _random).Run(architecture, encoder, gallery, encoded, request.Source, request.Audit == AuditLevel.Full);
        return result.ControlFailure is { } failure ? throw failure : result;
    }

    private static PrivacyRefusedException? Gate(EncodeRequest request, EncodingAttackResult? audit, int images) =>
        request.AcceptedReason is not null || audit?.Rating == ReidentificationRating.Low
            ? null
            : new PrivacyRefusedException(
                audit is null
                    ? request.Audit != AuditLevel.Off ? $"{images} images are too few to rate the risk of re-identification." : "--audit off leaves the risk of re-identification unknown."
                    : $"an attacker who has the pictures finds {100 * audit.Worst!.AssignmentAccuracy:F0} % of {audit.Gallery.Images} encodings again without the key (chance {100 * audit.Chance:F1} %): rating '{audit.Rating!.Value.ToString().ToLowerInvariant()}'. Nothing was published.",
                "Publish it as personal data under an agreement with --i-accept-reidentification-risk \"reason\", or use DP training or encrypted prediction.");

    private ReleaseMap MapOf(EncodeRequest request, EncoderKey key, ImageBatches images, int[] records)
    {
        string settings = $"{key.KeyId}/{images.Dataset.Fingerprint}/{request.Format}/{request.Type}/{request.Batch}/{request.Shuffle}/{request.Precision}/{request.PadCount}/{records.Length}{(request.Noise is { } noise ? $"/{noise.Epsilon:R}/{noise.Delta:R}/{noise.Clip:R}" : "")}";
        if (ReleaseMap.Read(request.SecretFolder, key) is { } former)
        {
            return former.Settings == settings
                ? former
                : throw new UsageException($"--secret '{request.SecretFolder}' holds the map of another release.", "Give a new folder, or the same data and options to go on.");
        }

        if (Directory.Exists(request.PublicFolder) && Directory.EnumerateFileSystemEntries(request.PublicFolder).Any())
        {
            throw new UsageException($"--out '{request.PublicFolder}' is not empty.", "Give a new folder.");
        }

        ReleaseMap map = ReleaseMap.Draw(settings, [.. records.Select(r => (r, images.Dataset.Records[r].File))], CountPadding.Draw(images.Dataset, records, request.PadCount, _random), request.Batch, _random);
        map.Save(request.SecretFolder, key, _random);
        return map;
    }

    private static EncodedManifest Manifest(EncodeRequest request, EncoderKey key, ImageDataset dataset, ReleaseMap map, PublishedLabels labels, IReadOnlyList<EncodedShard> shards, EncodingAttackResult? audit, AcceptedRisk? accepted)
    {
        EncoderArchitecture a = key.Architecture;
        return new EncodedManifest
        {
            KeyId = key.KeyId,
            Count = map.Entries.Count,
            Shape = [a.Patches, a.HiddenDim],
            Dtype = request.Type,
            Encoding = request.Format,
            Shards = shards,
            ArchitecturePublic = a,
            Preprocessing = new EncodedPreprocessing(a.ImageSize, a.Channels, a.Mean, a.Std),
            Splits = SplitName.All.ToDictionary(split => split, split => map.Entries.Count(e => dataset.Records[e.Record].Split == split)),
            Classes = labels.Classes,
            PaddedTo = request.PadCount == 0 ? null : request.PadCount,
            Normalisation = a.Normalisation,
            PatchShuffle = request.Shuffle,
            Mode = ModeOf(a, request.Shuffle),
            IsSynthetic = dataset.IsSynthetic,
            Specification = key.Specification,
            Precision = request.Precision == ProductPrecision.Float32 ? null : request.Precision,
            Audit = audit is null ? null : audit with { Gallery = audit.Gallery with { Source = "pictures of this release" } },
            Accepted = accepted,
        };
    }

    private static ReleaseMode ModeOf(EncoderArchitecture a, ShuffleMode shuffle) =>
        a.Kind == EncoderKind.Linear ? ReleaseMode.InsecureLinear
        : shuffle == ShuffleMode.None ? ReleaseMode.InsecureNoShuffle
        : a.Depth == 0 ? ReleaseMode.InsecureDepth0
        : a.Normalisation == EncoderNormalisation.Batch ? ReleaseMode.Compat
        : ReleaseMode.Default;

    private static EncodeResult Describe(EncodeRequest request, EncoderKey key, EncodingPublisher publisher, EncodingAttackResult? audit) => new()
    {
        KeyId = key.KeyId,
        PublicDir = request.PublicFolder,
        SecretDir = request.SecretFolder,
        Images = 0,
        Skipped = [],
        Format = request.Format,
        Dtype = request.Type,
        Shape = [key.Architecture.Patches, key.Architecture.HiddenDim],
        Shards = 0,
        Bytes = 0,
        BytesPerImage = publisher.BytesPerImage,
        Normalisation = key.Architecture.Normalisation,
        PatchShuffle = request.Shuffle,
        Mode = ModeOf(key.Architecture, request.Shuffle),
        SecondsTotal = 0,
        ImagesPerSecond = 0,
        Manifest = null,
        Audit = audit,
        Accepted = false,
    };
}
