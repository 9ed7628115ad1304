using Pellicle.Core.Errors;
using Pellicle.Core.Random;
using Pellicle.Data;
using Pellicle.Native;
using Pellicle.NeuraCrypt.Encoders;
using Pellicle.NeuraCrypt.Keys;
using Pellicle.NeuraCrypt.Release;
using Pellicle.Tensors;

namespace Pellicle.NeuraCrypt.Attacks;

/// <summary>Attacks a release: read manifest and gallery → take the release as target if the truth is known, draw further keys of its family → controls → attacks → rating.</summary>
/// <remarks>Without the truth nobody can score the release itself; encodings of the gallery under drawn keys of the same family stand in for it.</remarks>
public sealed class EncodingAttackPipeline
{
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
        using var encodings = new ReleaseEncodings(request.PublicFolder, manifest);
        using var images = new ImageBatches(request.Gallery, request.Options with { ForInspection = true }, architecture, request.Threads);
        ReleaseTruth? truth = request.SecretFolder is { } secret ? ReleaseTruth.Read(secret, key, manifest, images.Dataset, encodings) : null;
        AttackGallery large = Gallery(request.Budget, images, truth);
        AttackGallery gallery = large.First(request.Budget.Images);
        var family = new NeuraCryptFamily(architecture, _random);
        bool keepsOrder = manifest.PatchShuffle == ShuffleMode.None;
        using var scene = new AttackScene(family, gallery, request.Budget, _random, _progress)
        {
            Labels = [.. gallery.Records.Select(record => images.Dataset.Records[record].Label)],
            Attributes = AttributesOf(images.Dataset, gallery),
        };
        List<IRowEncoder> drawn = [];
        try
        {
            List<AttackTarget> targets = Targets(scene, truth, encodings, drawn, keepsOrder);
            IReadOnlyList<EncodingAttack> attacks = AttackCatalog.Make([.. request.Methods], key?.IsLegacyImport == true ? 32 : 256);
            EncodingAttackResult result = new EncodingAttackSuite(_clock).Run(scene, targets, attacks, request.Gallery, cancellation);
            int[] sizes = [.. request.Budget.Curve.Select(size => Math.Min(size, large.Count))];
            return result with { Target = request.PublicFolder, Curve = sizes.Length == 0 ? [] : FingerprintCurve.Measure(family, large, sizes, scene, keepsOrder, cancellation) };
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

    private List<AttackTarget> Targets(AttackScene scene, ReleaseTruth? truth, ReleaseEncodings encodings, List<IRowEncoder> drawn, bool keepsOrder)
    {
        var targets = new List<AttackTarget>();
        if (truth is not null)
        {
            targets.Add(truth.TargetOf(scene.Gallery, encodings, _random));
        }
        else
        {
            _warn("without --truth and --key the release itself cannot be scored: encodings of the gallery under drawn keys of the same family stand in for it");
        }

        while (targets.Count < scene.Budget.Keys)
        {
            drawn.Add(scene.Family.Draw(scene.Gallery.Batches));
            targets.Add(AttackTarget.Of($"key {drawn.Count}", drawn[^1], scene.Gallery, scene.Gallery.Count, _random, keepsOrder));
        }

        return targets;
    }

    private static Dictionary<string, IReadOnlyList<string>> AttributesOf(ImageDataset dataset, AttackGallery gallery) =>
        dataset.Records[0].Attributes.Keys.ToDictionary(name => name, name => (IReadOnlyList<string>)[.. gallery.Records.Select(record => dataset.Records[record].Attributes[name])]);
}
