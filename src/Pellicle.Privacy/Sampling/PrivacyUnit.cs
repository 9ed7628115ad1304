namespace Pellicle.Privacy.Sampling;

/// <summary>What is protected: the whole influence of one image, or of one patient.</summary>
public enum PrivacyUnit
{
    /// <summary>One image.</summary>
    Image,

    /// <summary>All images of one patient.</summary>
    Patient,
}
