namespace Pellicle.Privacy.Noise;

/// <summary>Where noise and sampling decisions come from.</summary>
public enum NoiseSource
{
    /// <summary>Keys of the operating system's generator: the only source with a guarantee.</summary>
    Secure,

    /// <summary>A seed given on the command line, for tests: whoever knows it can subtract the noise.</summary>
    SeededForTests,
}
