namespace Pellicle.Viewmaker.Subjects;

/// <summary>The four parts of the patients, so that whoever judges a generator has never met its teachers.</summary>
public enum SubjectPart
{
    /// <summary>G, 40 %: trains generator and training attackers.</summary>
    Generator,

    /// <summary>A, 30 %: trains fresh attackers and classifiers.</summary>
    Attacker,

    /// <summary>V, 10 %: chooses.</summary>
    Validation,

    /// <summary>T, 20 %: reported, once.</summary>
    Test,
}
