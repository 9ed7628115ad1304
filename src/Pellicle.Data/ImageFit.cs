namespace Pellicle.Data;

/// <summary>How a picture that is not square becomes square.</summary>
public enum ImageFit
{
    /// <summary>The whole picture, stretched.</summary>
    Stretch,

    /// <summary>The largest centred square; the rest is cut off.</summary>
    Crop,
}
