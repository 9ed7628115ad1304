namespace Pellicle.Formats.Npy;

/// <summary>Element types of .npy files that are read and written; the names are NumPy's type codes.</summary>
public enum NpyType
{
    /// <summary>Truth value, one byte.</summary>
    B1,

    /// <summary>Unsigned, one byte.</summary>
    U1,

    /// <summary>Signed, one byte.</summary>
    I1,

    /// <summary>Unsigned, two bytes.</summary>
    U2,

    /// <summary>Signed, two bytes.</summary>
    I2,

    /// <summary>Unsigned, four bytes.</summary>
    U4,

    /// <summary>Signed, four bytes.</summary>
    I4,

    /// <summary>Signed, eight bytes.</summary>
    I8,

    /// <summary>Half precision.</summary>
    F2,

    /// <summary>Single precision.</summary>
    F4,

    /// <summary>Double precision.</summary>
    F8,
}
