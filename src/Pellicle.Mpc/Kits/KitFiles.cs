using System.Text.Json;
using Pellicle.Core.Errors;
using Pellicle.Formats.Json;

namespace Pellicle.Mpc.Kits;

/// <summary>Reads the files that every kit folder has.</summary>
internal static class KitFiles
{
    public static (string Folder, byte[] Plan, T Manifest) Open<T>(string planFile)
        where T : class
    {
        string path = Path.GetFullPath(Directory.Exists(planFile) ? Path.Combine(planFile, KitWriter.PlanFile) : planFile);
        string folder = Path.GetDirectoryName(path)!;
        try
        {
            byte[] plan = File.ReadAllBytes(path);
            T? manifest = JsonSerializer.Deserialize<T>(File.ReadAllText(Path.Combine(folder, KitWriter.ManifestFile)), PellicleJson.Line);
            return (folder, plan, manifest ?? throw Damaged(folder, "is empty"));
        }
        catch (JsonException e)
        {
            throw Damaged(folder, $"is not readable ({e.Message})", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DataFormatException($"{planFile}: no kit of a party or client ({e.Message})", "Write kits with: pellicle mpc plan MODEL --out kits; then give kits/party0/plan.json, or kits/client/plan.json.", inner: e);
        }
    }

    public static DataFormatException Damaged(string folder, string what, Exception? inner = null) =>
        new($"{Path.Combine(folder, KitWriter.ManifestFile)} {what}.", "Copy the kit folder again, or write new kits: pellicle mpc plan MODEL --out kits.", inner: inner);
}
