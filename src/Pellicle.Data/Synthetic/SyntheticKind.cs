namespace Pellicle.Data.Synthetic;

/// <summary>What the procedural images look like.</summary>
public enum SyntheticKind
{
    /// <summary>Skin lesions under a dermatoscope, RGB; classes benign and malignant.</summary>
    Dermoscopy,

    /// <summary>Photographs of the retina, RGB; classes normal and retinopathy.</summary>
    Fundus,

    /// <summary>Bright discs with spots, RGB; classes plain and spots. The benchmark of learned obfuscation: not meant to look like a photograph.</summary>
    Discs,

    /// <summary>Frontal chest X-rays, grey; classes normal and pneumonia.</summary>
    XRay,
}
