using Pellicle.NeuraCrypt.Encoders;

namespace Pellicle.NeuraCrypt.Challenges;

/// <summary><c>challenge.json</c> of a public folder: what is asked. Everything in it is public.</summary>
public sealed record ChallengeSpec
{
    /// <summary>Name of the file.</summary>
    public const string FileName = "challenge.json";

    /// <summary>Value of <see cref="Format"/>.</summary>
    public const string FormatName = "pellicle-challenge";

    /// <summary>Folder of the first task.</summary>
    public const string Matching = "task1";

    /// <summary>Folder of the second task.</summary>
    public const string Prediction = "task2";

    /// <summary>Tells the folder from others.</summary>
    public string Format { get; init; } = FormatName;

    /// <summary>Version of the layout.</summary>
    public int Version { get; init; } = 1;

    /// <summary>Family of both encoders, each under a key of its own that was forgotten.</summary>
    public required EncoderArchitecture Architecture { get; init; }

    /// <summary>Task 1: pictures, and encodings of the same pictures; which is whose?</summary>
    public required IReadOnlyList<string> Pictures { get; init; }

    /// <summary>Task 1: ids of the encodings.</summary>
    public required IReadOnlyList<string> Encodings { get; init; }

    /// <summary>Task 2: pictures whose mean encoded row is to be predicted, in the order of the submission's rows.</summary>
    public required IReadOnlyList<string> Targets { get; init; }

    /// <summary>Task 2: ids of encodings of other pictures under the same key.</summary>
    public required IReadOnlyList<string> Samples { get; init; }

    /// <summary>True if the pictures are procedural.</summary>
    public required bool IsSynthetic { get; init; }

    /// <summary>What to hand in.</summary>
    public IReadOnlyList<string> Rules { get; init; } =
    [
        "Task 1: a CSV file with the columns picture and encoding; every picture and every encoding once. Right: the encoding is that of the picture.",
        "Task 2: an NPY file of float32 with one row for each target and hidden columns: the mean over the patches of its encoding. Right: of all targets' true means the nearest one, by mean squared difference, is the target's own.",
    ];

    /// <summary>The honest wording.</summary>
    public string Warning { get; init; } = HonestWording.Paragraph;
}
