using System.Globalization;
using Pellicle.Core.Errors;
using Pellicle.Core.Files;
using Pellicle.Core.Random;
using Pellicle.Data;
using Pellicle.Formats.Npy;
using Pellicle.Native;
using Pellicle.NeuraCrypt.Attacks;
using Pellicle.NeuraCrypt.Encoders;
using Pellicle.NeuraCrypt.Keys;
using Pellicle.NeuraCrypt.Release;
using Pellicle.Tensors;

namespace Pellicle.NeuraCrypt.Challenges;

/// <summary>A challenge to make.</summary>
public sealed record ChallengeRequest
{
    /// <summary>Pictures; those of task 1 and the targets of task 2 are published as they are.</summary>
    public required string Source { get; init; }

    /// <summary>How to read them.</summary>
    public required DatasetOptions Options { get; init; }

    /// <summary>Family of the encoders.</summary>
    public required EncoderArchitecture Architecture { get; init; }

    /// <summary>Folder to publish.</summary>
    public required string PublicFolder { get; init; }

    /// <summary>Folder to keep.</summary>
    public required string SecretFolder { get; init; }

    /// <summary>Pictures of task 1, and targets of task 2, at least 2.</summary>
    public int Images { get; init; } = 100;

    /// <summary>Threads that decode.</summary>
    public int Threads { get; init; } = 2;
}

/// <summary>What <c>challenge make</c> tells.</summary>
/// <param name="PublicDir">To publish.</param>
/// <param name="SecretDir">To keep.</param>
/// <param name="Pictures">Of task 1.</param>
/// <param name="Targets">Of task 2.</param>
/// <param name="Samples">Encodings of task 2.</param>
/// <param name="Warning">The honest wording.</param>
public sealed record ChallengeMakeResult(string PublicDir, string SecretDir, int Pictures, int Targets, int Samples, string Warning);

/// <summary>Makes a re-identification challenge: check folders → choose different pictures → two keys, used once and forgotten → encode → write both sides.</summary>
/// <remarks>After the public challenge of Yala et al. 2021. Task 1 gives pictures and encodings; task 2 gives encodings of pictures that are not given.</remarks>
/// <param name="progress">Takes what is being done.</param>
public sealed class ChallengeMakePipeline(Action<string> progress)
{
    private readonly SystemSecureRandom _random = new();

    /// <summary>Runs it.</summary>
    /// <param name="request">What from, where to.</param>
    /// <param name="cancellation">Looked at between pictures.</param>
    /// <exception cref="PellicleException">Too few pictures, or folders that do not fit.</exception>
    public ChallengeMakeResult Run(ChallengeRequest request, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        NativeRuntime.Start(request.Threads);
        FolderSeparation.Require(request.PublicFolder, request.SecretFolder, request.SecretFolder, request.Source);
        RefuseContent(request.PublicFolder, "--out");
        RefuseContent(request.SecretFolder, "--secret");
        using TensorScope scope = TensorScope.Open();
        using var images = new ImageBatches(request.Source, request.Options with { ForInspection = true }, request.Architecture, request.Threads);
        int[] order = PatchShuffle.Draw(images.Dataset.Records.Count, _random);
        AttackGallery gallery = AttackGallery.Read(order.Select(record => (images, record)), 3 * request.Images);
        if (gallery.Count < 3 * request.Images)
        {
            throw new DataFormatException($"{request.Source} has {gallery.Count} different pictures; a challenge of {request.Images} needs {3 * request.Images}.", "Give more pictures, or a smaller --images.");
        }

        int[] Part(int part) => [.. Enumerable.Range(part * request.Images, request.Images)];
        (string[] pictures, string[] encodings, Dictionary<string, string> encodingOf) = MakeMatching(request, gallery, Part(0), cancellation);
        (string[] targets, string[] samples, List<float[]> means) = MakePrediction(request, gallery, Part(1), Part(2), cancellation);
        var spec = new ChallengeSpec { Architecture = request.Architecture, Pictures = pictures, Encodings = encodings, Targets = targets, Samples = samples, IsSynthetic = images.Dataset.IsSynthetic };
        ChallengeFolder.Write(request.PublicFolder, spec, request.SecretFolder, hash => new ChallengeAnswers(hash, encodingOf, means));
        return new ChallengeMakeResult(request.PublicFolder, request.SecretFolder, pictures.Length, targets.Length, samples.Length, HonestWording.Paragraph);
    }

    private (string[] Pictures, string[] Encodings, Dictionary<string, string> EncodingOf) MakeMatching(ChallengeRequest request, AttackGallery gallery, int[] chosen, CancellationToken cancellation)
    {
        using PrivateEncoder encoder = Draw(request, gallery);
        string[] ids = [.. chosen.Select(_ => ReleaseMap.NewId(_random))];
        for (int i = 0; i < chosen.Length; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            progress($"task 1: {i + 1} of {chosen.Length} pictures");
            using TensorScope scope = TensorScope.Open();
            WritePicture(request, ChallengeSpec.Matching, PictureName(i), gallery, chosen[i]);
        }

        // In the order of ids: the order in which files come into being must not tell which belong together.
        foreach (int i in Enumerable.Range(0, chosen.Length).OrderBy(i => ids[i], StringComparer.Ordinal))
        {
            cancellation.ThrowIfCancellationRequested();
            using TensorScope scope = TensorScope.Open();
            WriteEncoding(request, ChallengeSpec.Matching, ids[i], encoder.Encode(Rounded(request, gallery, chosen[i]).Rounded));
        }

        var encodingOf = Enumerable.Range(0, chosen.Length).ToDictionary(PictureName, i => ids[i]);
        return ([.. encodingOf.Keys], [.. encodingOf.Values.Order(StringComparer.Ordinal)], encodingOf);
    }

    private (string[] Targets, string[] Samples, List<float[]> Means) MakePrediction(ChallengeRequest request, AttackGallery gallery, int[] targets, int[] samples, CancellationToken cancellation)
    {
        using PrivateEncoder encoder = Draw(request, gallery);
        var means = new List<float[]>();
        var ids = new List<string>();
        for (int i = 0; i < targets.Length; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            progress($"task 2: {i + 1} of {targets.Length} pictures");
            using TensorScope scope = TensorScope.Open();
            Tensor rounded = WritePicture(request, ChallengeSpec.Prediction, PictureName(i), gallery, targets[i]);
            means.Add(encoder.Encode(rounded).Mean(1).ToArray<float>());
            ids.Add(ReleaseMap.NewId(_random));
            WriteEncoding(request, ChallengeSpec.Prediction, ids[^1], encoder.Encode(gallery.Pictures([samples[i]])));
        }

        return ([.. targets.Select((_, i) => PictureName(i))], [.. ids.Order(StringComparer.Ordinal)], means);
    }

    // The key lives only here: whoever scores needs the answers, not the key.
    private PrivateEncoder Draw(ChallengeRequest request, AttackGallery gallery) => new NeuraCryptFamily(request.Architecture, _random).Draw(gallery.Batches);

    private static (byte[] Png, Tensor Rounded) Rounded(ChallengeRequest request, AttackGallery gallery, int picture) => ChallengePicture.Round(gallery.Pictures([picture]).Select(0, 0), request.Architecture);

    private static Tensor WritePicture(ChallengeRequest request, string task, string name, AttackGallery gallery, int picture)
    {
        (byte[] png, Tensor rounded) = Rounded(request, gallery, picture);
        string path = Path.Combine(request.PublicFolder, task, "pictures", name);
        AtomicFile.WriteAllBytes(path, png);
        File.SetLastWriteTimeUtc(path, PublicTables.ConstantTime);
        return rounded;
    }

    private void WriteEncoding(ChallengeRequest request, string task, string id, Tensor encoding)
    {
        EncoderArchitecture a = request.Architecture;
        Tensor shuffled = RowShuffle.Apply(encoding, _ => PatchShuffle.Draw(a.Patches, _random));
        string path = Path.Combine(request.PublicFolder, task, "encodings", id + ".npy");
        NpyFile.Write(path, NpyArray.From<float>(shuffled.ToArray<float>(), [a.Patches, a.HiddenDim]));
        File.SetLastWriteTimeUtc(path, PublicTables.ConstantTime);
    }

    private static string PictureName(int i) => i.ToString("D5", CultureInfo.InvariantCulture) + ".png";

    private static void RefuseContent(string folder, string option)
    {
        if (Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any())
        {
            throw new UsageException($"{option} '{folder}' is not empty.", "Give a new folder.");
        }
    }
}
