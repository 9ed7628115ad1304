using Pellicle.Core.Errors;

namespace Pellicle.Data.Synthetic;

/// <summary>What to generate. Equal options give equal images, whatever the number of threads.</summary>
public sealed record SyntheticOptions
{
    /// <summary>What the images look like.</summary>
    public SyntheticKind Kind { get; init; } = SyntheticKind.Dermoscopy;

    /// <summary>Number of images over both splits, 1 to 1,000,000.</summary>
    public int Images { get; init; } = 2400;

    /// <summary>Width and height in pixels, 16 to 1,024.</summary>
    public int ImageSize { get; init; } = 32;

    /// <summary>Any value.</summary>
    public ulong Seed { get; init; }

    /// <summary>How strongly sex and age show in the images, 0 (not at all, the default) to 1 (plainly). The label never depends on them.</summary>
    public double AttributeStrength { get; init; }

    /// <summary>Share of the patients in the test split, 0 to below 1.</summary>
    public double TestShare { get; init; } = 0.2;

    /// <summary>Probability of the second class (malignant, retinopathy, pneumonia), above 0 and below 1.</summary>
    public double PositiveShare { get; init; } = 0.4;

    /// <summary>Each patient has 1 to this many images, all in one split; 1 to 100.</summary>
    public int MaxImagesPerPatient { get; init; } = 1;

    /// <summary>Reads the name of a kind.</summary>
    /// <param name="name">dermoscopy, fundus, discs or xray; case is ignored.</param>
    /// <exception cref="UsageException">Another name; lists the known ones.</exception>
    public static SyntheticKind ParseKind(string name) => name?.ToLowerInvariant() switch
    {
        "dermoscopy" => SyntheticKind.Dermoscopy,
        "fundus" => SyntheticKind.Fundus,
        "discs" => SyntheticKind.Discs,
        "xray" => SyntheticKind.XRay,
        _ => throw new UsageException($"unknown kind of synthetic images '{name}'.", "Expected dermoscopy, fundus, discs or xray."),
    };

    /// <summary>Checks all values.</summary>
    /// <exception cref="UsageException">One or more are out of range; lists all of them.</exception>
    public void Validate()
    {
        var problems = new List<Problem>();
        Check(Enum.IsDefined(Kind), "--kind", $"{(int)Kind} is no kind of synthetic images", "Expected dermoscopy, fundus, discs or xray.");
        Check(Images is >= 1 and <= 1_000_000, "--images", $"{Images} is out of range", "Expected 1 to 1,000,000.");
        Check(ImageSize is >= 16 and <= 1024, "--size", $"{ImageSize} is out of range", "Expected 16 to 1,024 pixels.");
        Check(AttributeStrength is >= 0 and <= 1, "--attribute-strength", $"{AttributeStrength} is out of range", "Expected 0 to 1.");
        Check(TestShare is >= 0 and < 1, "testShare", $"{TestShare} is out of range", "Expected 0 to below 1.");
        Check(PositiveShare is > 0 and < 1, "positiveShare", $"{PositiveShare} is out of range", "Expected above 0 and below 1.");
        Check(MaxImagesPerPatient is >= 1 and <= 100, "maxImagesPerPatient", $"{MaxImagesPerPatient} is out of range", "Expected 1 to 100.");
        if (problems.Count > 0)
        {
            throw new UsageException(
                $"the options of the synthetic images have {problems.Count} problem{(problems.Count == 1 ? "" : "s")}; first: {problems[0].Where}: {problems[0].Message}.",
                problems[0].Hint,
                problems);
        }

        void Check(bool isGood, string where, string message, string hint)
        {
            if (!isGood)
            {
                problems.Add(new Problem(where, message, hint));
            }
        }
    }
}
