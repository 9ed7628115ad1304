using Pellicle.Core.Errors;

namespace Pellicle.NeuraCrypt.Release;

/// <summary>What labels.csv says of a picture: its class, a larger group of classes, or nothing.</summary>
/// <remarks>Labels leak whatever the encodings hide: a rare class singles its members out. Groups make that harder, not impossible.</remarks>
internal sealed class PublishedLabels
{
    private readonly string[]? _nameOf;

    private PublishedLabels(string[]? nameOf, IReadOnlyList<string> classes)
    {
        _nameOf = nameOf;
        Classes = classes;
    }

    /// <summary>Names that occur, in order; empty if labels are left out.</summary>
    public IReadOnlyList<string> Classes { get; }

    /// <summary>True if labels are written.</summary>
    public bool AreWritten => _nameOf is not null;

    /// <summary>Settles the labels of a release.</summary>
    /// <exception cref="UsageException">A class is in no group or in two, or a group names an unknown class.</exception>
    public static PublishedLabels Of(EncodeRequest request, IReadOnlyList<string> classes)
    {
        if (request.Labels == LabelMode.Omit)
        {
            return new PublishedLabels(null, []);
        }

        if (request.Labels == LabelMode.Publish)
        {
            return new PublishedLabels([.. classes], classes);
        }

        Problem[] problems =
        [
            .. classes.Where(name => request.CoarseLabels.Values.Count(group => group.Contains(name)) != 1).Select(name => new Problem("--coarse", $"the class '{name}' is in {request.CoarseLabels.Values.Count(group => group.Contains(name))} groups of --coarse; expected one.", "For example --coarse benign=nevus+keratosis,malignant=melanoma.")),
            .. request.CoarseLabels.Values.SelectMany(group => group).Except(classes).Select(name => new Problem("--coarse", $"--coarse names '{name}', which is no class; the classes are {string.Join(", ", classes)}.", "Correct the name.")),
        ];
        return problems.Length > 0
            ? throw new UsageException(problems[0].Message, problems[0].Hint, problems)
            : new PublishedLabels([.. classes.Select(name => request.CoarseLabels.First(group => group.Value.Contains(name)).Key)], [.. request.CoarseLabels.Keys]);
    }

    /// <summary>The published label of a class.</summary>
    /// <param name="label">Index into the classes of the source.</param>
    public string Of(int label) => _nameOf![label];
}
