namespace Pellicle.Formats.Safetensors;

/// <summary>The element types that are read and written.</summary>
internal static class SafetensorsTypes
{
    public const string Supported = "F64, F32, F16, BF16, I64, I32, U8, I8, BOOL";

    /// <summary>Bytes per element, or 0 if the type is not supported.</summary>
    public static int SizeOf(string type) => type switch
    {
        "F64" or "I64" => 8,
        "F32" or "I32" => 4,
        "F16" or "BF16" => 2,
        "U8" or "I8" or "BOOL" => 1,
        _ => 0,
    };

    /// <summary>Order of the reference writer: its type list from last to first, which sorts by falling alignment.</summary>
    public static int WriteOrder(string type) => type switch
    {
        "I64" => 0,
        "F64" => 1,
        "F32" => 2,
        "I32" => 3,
        "BF16" => 4,
        "F16" => 5,
        "U8" => 6,
        "I8" => 7,
        "BOOL" => 8,
        _ => throw new ArgumentException($"Element type '{type}' is not one of {Supported}.", nameof(type)),
    };
}
