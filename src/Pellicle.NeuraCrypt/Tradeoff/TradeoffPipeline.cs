using Pellicle.Core.Errors;
using Pellicle.Core.Random;
using Pellicle.Data;
using Pellicle.Native;
using Pellicle.NeuraCrypt.Attacks;
using Pellicle.NeuraCrypt.Encoders;
using Pellicle.NeuraCrypt.Noise;
using Pellicle.NeuraCrypt.Release;
using Pellicle.Tensors;
using Pellicle.Training.Metrics;

namespace Pellicle.NeuraCrypt.Tradeoff;

/// <summary>Compares ways to release images on one task: read splits → for plain pictures, NeuraCrypt, the trained obfuscator and noise at each strength: task AUC, attacks → curve.</summary>
/// <remarks>The obfuscator is trained on the training split, taken as public, and judged with attacks on the test split. Only noise has a stated bound; the others have figures.</remarks>
public sealed class TradeoffPipeline
{
    private const double ObfuscatorWeight = 0.3;
    private readonly TimeProvider _clock;
    private readonly Action<string> _progress;
    private readonly SystemSecureRandom _random = new();

    /// <summary>Makes a pipeline.</summary>
    /// <param name="clock">Stopwatch.</param>
    /// <param name="progress">Takes what is being done.</param>
    public TradeoffPipeline(TimeProvider clock, Action<string> progress)
    {
        _clock = clock;
        _progress = progress;
    }

    /// <summary>Runs it.</summary>
    /// <param name="request">Data, sizes, strengths.</param>
    /// <param name="cancellation">Looked at between ways and steps.</param>
    /// <exception cref="PellicleException">Too few pictures, or sizes that do not fit.</exception>
    public TradeoffResult Run(TradeoffRequest request, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        request.Architecture.Validate();
        long start = _clock.GetTimestamp();
        NativeRuntime.Start(request.Threads);
        using TensorScope scope = TensorScope.Open();
        using var images = new ImageBatches(request.Source, request.Options, request.Architecture, request.Threads);
        var seeds = new SeededRandom(request.Seed);
        AttackGallery train = Read(images, SplitName.Train, request.TrainImages, seeds);
        AttackGallery test = Read(images, SplitName.Test, request.TestImages, seeds);
        bool[] trainLabels = Labels(images, train), testLabels = Labels(images, test);
        var points = new List<TradeoffPoint>();
        foreach (Way way in Ways(request, train, seeds, cancellation))
        {
            cancellation.ThrowIfCancellationRequested();
            _progress($"{way.Name}: task");
            (double auc, Interval interval) = TaskUtility.Measure(way.Family, train, trainLabels, test, testLabels);
            points.Add(Judge(way, request, test.First(request.AttackImages), cancellation) with { Auc = auc, AucInterval = interval });
            way.Trained?.Dispose();
        }

        return new TradeoffResult
        {
            Source = request.Source,
            Task = $"'{images.Dataset.Classes[^1]}' against the other classes",
            TrainImages = train.Count,
            TestImages = test.Count,
            Points = points,
            SecondsTotal = _clock.GetElapsedTime(start).TotalSeconds,
        };
    }

    private IEnumerable<Way> Ways(TradeoffRequest request, AttackGallery train, SeededRandom seeds, CancellationToken cancellation)
    {
        EncoderArchitecture a = request.Architecture;
        yield return new Way("plain", "plain pictures", new PlainFamily(a), ["nearest", "fingerprint"], null, null);
        yield return new Way("neuracrypt", $"NeuraCrypt-{a.Depth + 3}, {a.HiddenDim} wide", new NeuraCryptFamily(a, _random), ["fingerprint", "contrastive"], null, null);
        foreach (int steps in request.ObfuscatorSteps)
        {
            EncoderArchitecture mixing = a with { Normalisation = EncoderNormalisation.None, Depth = Math.Clamp(a.Depth, 1, 2) };
            MixingNetwork network = new MixingTraining(mixing, _random, seeds).Run(train, steps, ObfuscatorWeight, _progress, cancellation);
            yield return new Way("mixing", steps == 0 ? "trained obfuscator, untrained" : $"trained obfuscator, {steps} steps", new MixingFamily(network, mixing, _random), ["fingerprint", "contrastive"], null, network);
        }

        // A normalised pixel has mean square 1, so a picture of d values has norm √d: a public constant, not measured on the pictures.
        int values = a.Channels * a.ImageSize * a.ImageSize;
        foreach (double epsilon in request.Epsilons)
        {
            var mechanism = new ImageGaussianMechanism(epsilon, request.Delta, Math.Sqrt(values), values);
            yield return new Way("noise", $"noise, local epsilon {epsilon:G6}", new NoisedFamily(a, mechanism, _random), ["nearest", "fingerprint"], mechanism.Guarantee, null);
        }
    }

    private TradeoffPoint Judge(Way way, TradeoffRequest request, AttackGallery gallery, CancellationToken cancellation)
    {
        using TensorScope scope = TensorScope.Open();
        using var scene = new AttackScene(way.Family, gallery, new AttackBudget { Images = gallery.Count, Keys = 1, Steps = request.AttackSteps, OwnEncoders = 4 }, _random, text => _progress($"{way.Name}: {text}"));
        using IRowEncoder victim = way.Family.Draw(gallery.Batches);
        AttackTarget target = AttackTarget.Of("key 1", victim, gallery, gallery.Count, _random, keepsOrder: way.Family.KeepsOrder);
        EncodingAttack[] attacks = [.. way.Attacks.Contains("nearest") ? [new NearestPictureAttack()] : Array.Empty<EncodingAttack>(), .. AttackCatalog.Make(way.Attacks, 256)];
        EncodingAttackResult result = new EncodingAttackSuite(_clock).Run(scene, [target], attacks, request.Source, cancellation);
        return new TradeoffPoint
        {
            Family = way.Kind,
            Name = way.Name,
            Auc = 0,
            AucInterval = default,
            Guesswork = result.Methods.Min(method => method.GuessesToFirstHit) ?? 0,
            AssignmentAccuracy = result.Worst!.AssignmentAccuracy,
            WorstAttack = result.Worst.Method,
            ControlsPassed = result.ControlsPassed,
            Guarantee = way.Guarantee,
            Attacks = result.Methods,
        };
    }

    private static AttackGallery Read(ImageBatches images, string split, int most, SeededRandom seeds)
    {
        int[] records = [.. images.Dataset.RequireSplit(split)];
        seeds.Derive(split).Shuffle<int>(records);
        AttackGallery gallery = AttackGallery.Read(records.Select(record => (images, record)), most);
        return gallery.Count >= 2 * AttackBudget.FewestImages
            ? gallery
            : throw new DataFormatException($"{images.Dataset.Source}: the split '{split}' has {gallery.Count} different pictures; expected at least {2 * AttackBudget.FewestImages}.", "Give more pictures.");
    }

    private static bool[] Labels(ImageBatches images, AttackGallery gallery)
    {
        bool[] labels = [.. gallery.Records.Select(record => images.Dataset.Records[record].Label == images.Dataset.Classes.Count - 1)];
        return labels.Distinct().Count() == 2
            ? labels
            : throw new DataFormatException($"{images.Dataset.Source}: all chosen pictures of a split have the same label.", "Give more pictures, or another task.");
    }

    private sealed record Way(string Kind, string Name, IEncoderFamily Family, string[] Attacks, LocalGuarantee? Guarantee, IDisposable? Trained);
}
