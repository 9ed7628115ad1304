using Pellicle.Core.Errors;
using Pellicle.Core.Random;
using Pellicle.Data;
using Pellicle.NeuraCrypt.Attacks;
using Pellicle.NeuraCrypt.Keys;

namespace Pellicle.NeuraCrypt.Release;

/// <summary>Which encoding of a release belongs to which picture of a gallery: for scoring attacks only.</summary>
internal sealed class ReleaseTruth
{
    private readonly Dictionary<int, string> _idOf;

    private ReleaseTruth(Dictionary<int, string> idOf) => _idOf = idOf;

    /// <summary>Opens the sealed map.</summary>
    /// <param name="secretFolder">With the map.</param>
    /// <param name="key">Of the release.</param>
    /// <param name="manifest">Names the key.</param>
    /// <param name="gallery">Pictures are found by their file names.</param>
    /// <param name="encodings">Those there are.</param>
    /// <exception cref="UsageException">No key, or another one.</exception>
    /// <exception cref="DataFormatException">No map, or no picture of the gallery was encoded.</exception>
    public static ReleaseTruth Read(string secretFolder, EncoderKey? key, EncodedManifest manifest, ImageDataset gallery, ReleaseEncodings encodings)
    {
        if (key is null || key.KeyId != manifest.KeyId)
        {
            throw new UsageException(key is null ? "--truth is given without --key; the map of ids to files is sealed." : $"--key is {key.KeyId}; the release was made with {manifest.KeyId}.", "Give the key of the release; it serves for scoring only.");
        }

        ReleaseMap map = ReleaseMap.Read(secretFolder, key) ?? throw new DataFormatException($"'{secretFolder}' holds no map of a release.", "Give the secret folder of 'encode run'.");
        Dictionary<string, string> idOfFile = map.Entries.Where(entry => entry.Mixture is null).ToDictionary(entry => entry.File, entry => entry.Id);
        var ids = encodings.Ids.ToHashSet();
        var idOf = new Dictionary<int, string>();
        for (int record = 0; record < gallery.Records.Count; record++)
        {
            if (idOfFile.TryGetValue(gallery.Records[record].File, out string? id) && ids.Contains(id))
            {
                idOf[record] = id;
            }
        }

        return idOf.Count >= AttackBudget.FewestImages
            ? new ReleaseTruth(idOf)
            : throw new DataFormatException($"{idOf.Count} pictures of the gallery were encoded in this release; expected at least {AttackBudget.FewestImages}.", "Give the source of the release as --gallery.");
    }

    /// <summary>True if a picture was encoded.</summary>
    /// <param name="record">Place in the gallery's source.</param>
    public bool Holds(int record) => _idOf.ContainsKey(record);

    /// <summary>The encodings of the pictures of a gallery, in a random order.</summary>
    public AttackTarget TargetOf(AttackGallery gallery, ReleaseEncodings encodings, ISecureRandom random)
    {
        int[] encoded = [.. Enumerable.Range(0, gallery.Count).Where(i => Holds(gallery.Records[i]))];
        int[] truth = [.. PatchShuffle.Draw(encoded.Length, random).Select(place => encoded[place])];
        return new AttackTarget("release", truth, chunk => encodings.Read([.. AttackTarget.Places(chunk, truth.Length).Select(i => _idOf[gallery.Records[truth[i]]])]));
    }
}
