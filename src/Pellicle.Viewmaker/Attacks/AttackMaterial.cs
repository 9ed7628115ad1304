using Pellicle.Viewmaker.Readers;
using Pellicle.Viewmaker.Subjects;

namespace Pellicle.Viewmaker.Attacks;

/// <summary>What attackers may use, and what they are measured on. Columns are the attributes, the watched ones included.</summary>
/// <param name="Training">Released pictures of A with true labels: the worst case.</param>
/// <param name="Validation">Released pictures of V.</param>
/// <param name="Test">Released pictures of T.</param>
/// <param name="TestUnits">Patient of each test picture.</param>
internal sealed record AttackMaterial(LabelledPictures Training, LabelledPictures Validation, LabelledPictures Test, IReadOnlyList<string> TestUnits)
{
    /// <summary>Originals of the training pictures, same rows; null where the attacker has none.</summary>
    public PictureSet? TrainingOriginals { get; init; }

    /// <summary>Mean of several releases of the same originals, for A, V and T; null if the generator is not public.</summary>
    public (PictureSet Training, PictureSet Validation, PictureSet Test)? Averaged { get; init; }

    /// <summary>The attacker trained on originals; null if there is none.</summary>
    public Reader? OriginalAttacker { get; init; }

    /// <summary>A network trained for the task, whose features a linear attacker reads; null if there is none.</summary>
    public Reader? TaskReader { get; init; }
}
