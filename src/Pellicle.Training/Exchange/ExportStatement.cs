using System.Text.Json;
using Pellicle.Core.Errors;
using Pellicle.Formats.Json;
using Pellicle.Privacy.Statement;
using Pellicle.Training.Runs;

namespace Pellicle.Training.Exchange;

/// <summary>The privacy statement that leaves with a model: a file without it would be a model of unknown origin.</summary>
/// <param name="Paragraph">The statement in words.</param>
/// <param name="Json">The object "Privacy" on one line; null for a model that was not trained here.</param>
internal sealed record ExportStatement(string Paragraph, string? Json)
{
    /// <summary>Finds the statement that belongs to a model folder: <c>privacy.json</c> of the run around it.</summary>
    /// <param name="folder">The model folder.</param>
    /// <param name="metadata">Its description.</param>
    /// <exception cref="PrivacyRefusedException">The model was trained with privacy, but its statement is gone.</exception>
    public static ExportStatement Of(string folder, ModelMetadata metadata)
    {
        string[] places = [Path.Combine(folder, "privacy.json"), Path.Combine(folder, "..", "privacy.json")];
        if (Array.Find(places, File.Exists) is { } file)
        {
            PrivacyStatement statement = RunFolder.ReadJson<PrivacyStatement>(file);
            return statement.Private == metadata.IsPrivate
                ? new ExportStatement(statement.Statement, JsonSerializer.Serialize(statement, PellicleJson.Line))
                : throw new PrivacyRefusedException($"'{file}' says private: {statement.Private}, but the model's metadata.json says {metadata.IsPrivate}.", "Restore the run folder as it was written.");
        }

        return metadata.IsPrivate
            ? throw new PrivacyRefusedException(
                $"the model in '{folder}' was trained with differential privacy, but the statement that says how (privacy.json) is not beside it.",
                "Export from the run folder: epsilon must not leave a model without delta, unit and accountant.")
            : new ExportStatement("Nothing is stated about privacy: the weights were not trained with differential privacy here.", null);
    }

    /// <summary>The texts to keep in an exported file.</summary>
    /// <param name="metadata">Description of the model.</param>
    public Dictionary<string, string> ToMetadata(ModelMetadata metadata)
    {
        var texts = new Dictionary<string, string>
        {
            ["pellicle.privacyStatement"] = Paragraph,
            ["pellicle.use"] = metadata.Use,
            ["pellicle.model"] = metadata.Spec.Name,
        };
        if (Json is not null)
        {
            texts["pellicle.privacy"] = Json;
        }

        if (metadata.IsSynthetic)
        {
            texts["pellicle.synthetic"] = "SYNTHETIC – not patient data";
        }

        return texts;
    }
}
