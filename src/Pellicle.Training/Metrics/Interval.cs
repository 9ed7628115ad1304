using System.Text.Json;
using System.Text.Json.Serialization;

namespace Pellicle.Training.Metrics;

/// <summary>A closed interval; in JSON the array <c>[low, high]</c>.</summary>
/// <param name="Low">Lower end, at most <paramref name="High"/>.</param>
/// <param name="High">Upper end.</param>
[JsonConverter(typeof(IntervalJsonConverter))]
public readonly record struct Interval(double Low, double High)
{
    /// <summary>True if the value lies inside or on an end.</summary>
    /// <param name="value">Any number; NaN is never inside.</param>
    public bool Contains(double value) => value >= Low && value <= High;
}

/// <summary>Reads and writes an <see cref="Interval"/> as an array of two numbers.</summary>
public sealed class IntervalJsonConverter : JsonConverter<Interval>
{
    /// <inheritdoc/>
    public override Interval Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType != JsonTokenType.StartArray || !reader.Read() || !reader.TryGetDouble(out double low)
            || !reader.Read() || !reader.TryGetDouble(out double high) || !reader.Read() || reader.TokenType != JsonTokenType.EndArray)
        {
            throw new JsonException("an interval is an array of two numbers [low, high]");
        }

        return new Interval(low, high);
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, Interval value, JsonSerializerOptions options)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.WriteStartArray();
        writer.WriteNumberValue(value.Low);
        writer.WriteNumberValue(value.High);
        writer.WriteEndArray();
    }
}
