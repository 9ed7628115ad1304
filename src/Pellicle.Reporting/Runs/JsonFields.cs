using System.Text.Json;
using Pellicle.Core.Errors;

namespace Pellicle.Reporting.Runs;

/// <summary>Reads fields of a JSON object of a run folder: a missing or null field is null, a field of the wrong kind names file and field.</summary>
internal sealed class JsonFields
{
    private const string Hint = "The run folder is damaged or was made by another version: restore the file or run the command that writes it again.";

    private readonly JsonElement _object;
    private readonly string _where;

    private JsonFields(JsonElement element, string where)
    {
        _object = element;
        _where = where;
    }

    /// <summary>Reads a file.</summary>
    /// <exception cref="DataFormatException">Not readable, not JSON, or no object.</exception>
    public static JsonFields Read(string file)
    {
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(file));
            return document.RootElement.ValueKind == JsonValueKind.Object
                ? new JsonFields(document.RootElement.Clone(), $"'{file}'")
                : throw new DataFormatException($"'{file}' holds no JSON object.", Hint);
        }
        catch (JsonException e)
        {
            throw new DataFormatException($"'{file}' is not valid JSON: {e.Message}", Hint, inner: e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DataFormatException($"cannot read '{file}': {e.Message}", "Give a readable run folder.", inner: e);
        }
    }

    public string? Text(string field) => Get(field) is { } e ? e.ValueKind == JsonValueKind.String ? e.GetString() : throw Wrong(field, "a text") : null;

    public double? Number(string field) => Get(field) is { } e ? e.ValueKind == JsonValueKind.Number ? e.GetDouble() : throw Wrong(field, "a number") : null;

    public bool? Flag(string field) => Get(field) is { } e ? e.ValueKind is JsonValueKind.True or JsonValueKind.False ? e.GetBoolean() : throw Wrong(field, "true or false") : null;

    public JsonFields? Object(string field) => Get(field) is { } e
        ? e.ValueKind == JsonValueKind.Object ? new JsonFields(e, $"{_where}, field '{field}'") : throw Wrong(field, "an object")
        : null;

    public IReadOnlyList<JsonFields> Objects(string field) =>
        [.. Items(field).Select((e, i) => e.ValueKind == JsonValueKind.Object ? new JsonFields(e, $"{_where}, field '{field}', item {i}") : throw Wrong(field, "an array of objects"))];

    public IReadOnlyList<string> Texts(string field) => [.. Items(field).Select(e => e.ValueKind == JsonValueKind.String ? e.GetString()! : throw Wrong(field, "an array of texts"))];

    public IReadOnlyList<double> Numbers(string field) => [.. Items(field).Select(e => e.ValueKind == JsonValueKind.Number ? e.GetDouble() : throw Wrong(field, "an array of numbers"))];

    /// <summary>A text, number or flag as text, for tables of facts.</summary>
    public string? Any(string field) => Get(field) is { } e
        ? e.ValueKind switch
        {
            JsonValueKind.String => e.GetString(),
            JsonValueKind.Number => e.GetRawText(),
            JsonValueKind.True => "yes",
            JsonValueKind.False => "no",
            _ => throw Wrong(field, "a single value"),
        }
        : null;

    private List<JsonElement> Items(string field) => Get(field) is { } e ? e.ValueKind == JsonValueKind.Array ? [.. e.EnumerateArray()] : throw Wrong(field, "an array") : [];

    private JsonElement? Get(string field) => _object.TryGetProperty(field, out JsonElement e) && e.ValueKind != JsonValueKind.Null ? e : null;

    private DataFormatException Wrong(string field, string expected) => new($"{_where}: field '{field}' is not {expected}.", Hint);
}
