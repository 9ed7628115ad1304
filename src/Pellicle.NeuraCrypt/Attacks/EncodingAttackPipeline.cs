using Pellicle.Core.Errors;
using Pellicle.Core.Random;
using Pellicle.Data;
using Pellicle.Native;
using Pellicle.NeuraCrypt.Encoders;
using Pellicle.NeuraCrypt.Keys;
using Pellicle.NeuraCrypt.Noise;
using Pellicle.NeuraCrypt.Release;
using Pellicle.Nn;
using Pellicle.Tensors;

namespace Pellicle.NeuraCrypt.Attacks;

/// <summary>Attacks a release: read manifest and gallery → take the release as target if the truth is known, draw further keys of its family → controls → attacks → rating.</summary>
/// <remarks>Without the truth nobody can score the release itself; encodings of the gallery under drawn keys of the same family stand in for it.</remarks>
public sealed class EncodingAttackPipeline
{
    // Several attacks read the same encodings, and encoding again costs far more than memory, up to here.
    private const long MostKeptBytes = 2L << 30;

    private readonly TimeProvider _clock;
    private readonly Action<string> _warn;
    private readonly Action<string> _progress;
    private readonly SystemSecureRandom _random = new();

    /// <summary>Makes a pipeline.</summary>
    /// <param name="clock">Stopwatch.</param>
    /// <param name="warn">Takes warnings.</param>
    /// <param name="progress">Takes what is being done.</param>
    public EncodingAttackPipeline(TimeProvider clock, Action<string> warn, Action<string> progress)
    {
        _clock = clock;
        _warn = warn;
        _progress = progress;
    }

    /// <summary>Runs it.</summary>
    /// <param name="request">What, with which pictures, how hard.</param>
    /// <param name="passphrase">Of the key; null for unsealed keys.</param>
    /// <param name="cancellation">Looked at between attacks.</param>
    /// <returns>The result; check <see cref="EncodingAttackResult.ControlsPassed"/> before its rating.</returns>
    /// <exception cref="PellicleException">Unusable release, gallery, key or truth.</exception>
    public EncodingAttackResult Run(EncodingAttackRequest request, Passphrase? passphrase, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        NativeRuntime.Start(request.Threads);
        using TensorScope scope = TensorScope.Open();
        EncodedManifest manifest = PublicTables.ReadManifest(request.PublicFolder);
        EncoderArchitecture architecture = manifest.ArchitecturePublic;
        architecture.Validate();
        using EncoderKey? key = request.KeyFile is { } file ? EncoderKey.Open(file, passphrase) : null;
        using var encodings = new ReleaseEncodings(request.PublicFolder);
        using var images = new ImageBatches(request.Gallery, request.Options with { ForInspection = true }, architecture, request.Threads);
        ReleaseTruth? truth = request.SecretFolder is { } secret ? ReleaseTruth.Read(secret, key, manifest, images.Dataset, encodings) : null;
        AttackGallery large = Gallery(request.Budget, images, truth);
        AttackGallery gallery = large.First(request.Budget.Images);
        if (request.Precision == ProductPrecision.Bfloat16 && architecture is { Normalisation: EncoderNormalisation.Batch, Depth: > 0 })
        {
            throw new UsageException("--precision is bfloat16, but the release normalises by the batch, as the reference, in float32.", "Leave it out.");
        }

        var family = new NeuraCryptFamily(architecture, _random, request.Precision);
        using var scene = new AttackScene(family, gallery, request.Budget, _random, _progress)
        {
            Labels = [.. gallery.Records.Select(record => images.Dataset.Records[record].Label)],
            Attributes = AttributesOf(images.Dataset, gallery),
        };
        List<IRowEncoder> drawn = [];
        try
        {
            List<AttackTarget> targets = Targets(scene, family, truth, encodings, drawn, manifest, request.Methods.Count);
            IReadOnlyList<EncodingAttack> attacks = AttackCatalog.Make([.. request.Methods], key?.IsLegacyImport == true ? 32 : 256);
            EncodingAttackResult result = new EncodingAttackSuite(_clock).Run(scene, targets, attacks, request.Gallery, cancellation);
            int[] sizes = [.. request.Budget.Curve.Select(size => Math.Min(size, large.Count))];
            if (sizes.Length == 0)
            {
                return result with { Target = request.PublicFolder };
            }

            drawn.Add(Victim(family, large, manifest));
            return result with { Target = request.PublicFolder, Curve = FingerprintCurve.Measure(drawn[^1], large, sizes, scene, manifest.PatchShuffle == ShuffleMode.None, cancellation) };
        }
        finally
        {
            drawn.ForEach(encoder => encoder.Dispose());
        }
    }

    // Pictures that were encoded come first, so that the release itself can be attacked.
    private AttackGallery Gallery(AttackBudget budget, ImageBatches images, ReleaseTruth? truth)
    {
        int[] order = PatchShuffle.Draw(images.Dataset.Records.Count, _random);
        IEnumerable<int> records = truth is null ? order : order.OrderBy(record => truth.Holds(record) ? 0 : 1);
        AttackGallery gallery = AttackGallery.Read(records.Select(record => (images, record)), Math.Max(budget.Images, budget.Curve.DefaultIfEmpty().Max()));
        if (gallery.Count < AttackBudget.FewestImages)
        {
            throw new DataFormatException($"the gallery has {gallery.Count} different pictures; expected at least {AttackBudget.FewestImages}.", "Give more pictures with --gallery, or a larger --images.");
        }

        if (gallery.EqualPictures > 0)
        {
            _warn($"{gallery.EqualPictures} pictures of the gallery equal others and were left out: nobody can tell which of two equal pictures was encoded");
        }

        return gallery;
    }

    private List<AttackTarget> Targets(AttackScene scene, NeuraCryptFamily family, ReleaseTruth? truth, ReleaseEncodings encodings, List<IRowEncoder> drawn, EncodedManifest manifest, int methods)
    {
        var targets = new List<AttackTarget>();
        EncoderArchitecture a = scene.Family.Architecture;
        bool keepsOrder = manifest.PatchShuffle == ShuffleMode.None;
        bool areKept = methods > 1 && (long)scene.Budget.Keys * scene.Gallery.Count * a.Patches * a.HiddenDim * sizeof(float) <= MostKeptBytes;
        AttackTarget Kept(AttackTarget target) => areKept ? target.InMemory() : target;
        if (truth is not null)
        {
            targets.Add(Kept(truth.TargetOf(scene.Gallery, encodings, _random)));
        }
        else
        {
            _warn("without --truth and --key the release itself cannot be scored: encodings of the gallery under drawn keys of the same family stand in for it");
        }

        while (targets.Count < scene.Budget.Keys)
        {
            drawn.Add(Victim(family, scene.Gallery, manifest));
            targets.Add(Kept(AttackTarget.Of($"key {drawn.Count}", drawn[^1], scene.Gallery, scene.Gallery.Count, _random, keepsOrder)));
        }

        return targets;
    }

    // What stands in for the release: a drawn key, and the release's noise.
    private IRowEncoder Victim(NeuraCryptFamily family, AttackGallery gallery, EncodedManifest manifest)
    {
        EncoderArchitecture a = family.Architecture;
        IRowEncoder encoder = family.Draw(gallery.Batches);
        return manifest.Noise is { } noise ? new NoisedEncoder(encoder, new ImageGaussianMechanism(noise.Epsilon, noise.Delta, noise.Clip, a.Patches * a.HiddenDim), _random) : encoder;
    }

    private static Dictionary<string, IReadOnlyList<string>> AttributesOf(ImageDataset dataset, AttackGallery gallery) =>
        dataset.Records[0].Attributes.Keys.ToDictionary(name => name, name => (IReadOnlyList<string>)[.. gallery.Records.Select(record => dataset.Records[record].Attributes[name])]);
}
